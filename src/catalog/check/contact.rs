//! Checks of channels and of the history of contacts.

use super::unique;
use crate::catalog::fault::Log;
use crate::catalog::fields::Marks;
use crate::catalog::model::{Catalog, Channel, ContactHistory, Dataset, Field, FieldType};
use crate::catalog::read::hint;

/// Checks all that is said about contacting people; the conditions are checked by the room that reads them.
pub(super) fn check_contact(catalog: &Catalog, marks: &Marks, log: &mut Log) {
    let contact = &catalog.contact;
    unique(contact.channels.iter().map(|c| c.name.as_str()), |name| format!("channel:{name}"), "channels", marks, log);
    let by = contact.history.as_ref().and_then(|history| check_history(catalog, history, marks, log));
    for channel in contact.channels.iter().filter(|c| !c.values.is_empty()) {
        check_values(channel, contact.history.as_ref(), by, marks, log);
    }
}

/// Checks the table of past contacts; gives its field that names the channel.
fn check_history<'a>(
    catalog: &'a Catalog,
    history: &ContactHistory,
    marks: &Marks,
    log: &mut Log,
) -> Option<&'a Field> {
    let many = || catalog.datasets.iter().skip(1);
    let Some(dataset) = many().find(|d| d.name == history.dataset) else {
        let near = hint(&history.dataset, many().map(|d| d.name.as_str()));
        log.add(&marks.at("contact/dataset"), format!("`{}` is no many-table{near}", history.dataset));
        return None;
    };
    check_field(dataset, &history.date, FieldType::Date, "date", marks, log);
    let by = history.channel.as_deref()?;
    check_field(dataset, by, FieldType::String, "channel", marks, log)
}

fn check_field<'a>(
    dataset: &'a Dataset,
    name: &str,
    kind: FieldType,
    key: &str,
    marks: &Marks,
    log: &mut Log,
) -> Option<&'a Field> {
    let place = marks.at(&format!("contact/{key}"));
    match dataset.field(name) {
        None => {
            let near = hint(name, dataset.fields.iter().map(|f| f.name.as_str()));
            log.add(&place, format!("`{}` has no field `{name}`{near}", dataset.name));
            None
        }
        Some(field) if field.kind != kind => {
            let kind = if kind == FieldType::Date { "a date" } else { "text" };
            log.add(&place, format!("`{key}` of the history must be {kind}, and `{name}` is none"));
            None
        }
        found => found,
    }
}

/// The values of a channel are values of the history's field, where that lists any.
fn check_values(channel: &Channel, history: Option<&ContactHistory>, by: Option<&Field>, marks: &Marks, log: &mut Log) {
    let place = marks.at(&format!("channel:{}/values", channel.name));
    if history.is_none_or(|h| h.channel.is_none()) {
        log.add(&place, format!("`values` of channel `{}` need `channel` of the history", channel.name));
    }
    let Some(field) = by.filter(|f| !f.values.is_empty()) else { return };
    for value in channel.values.iter().filter(|v| field.value(v).is_none()) {
        let near = hint(value, field.values.iter().map(|v| v.name.as_str()));
        log.add(&place, format!("`{value}` is no value of `{}`{near}", field.name));
    }
}
