//! Reading what a catalog says about contacting people: the channels, what each needs, and where the
//! contacts of the past are.

use super::fault::Log;
use super::fields::Marks;
use super::model::{Channel, Contact, ContactHistory};
use super::read::Section;

/// Reads the `contact` section.
pub(super) fn read_contact(mut section: Section<'_>, marks: &mut Marks, log: &mut Log) -> Contact {
    let file = section.place.file.clone();
    let mut contact = Contact::default();
    marks.note("contact", section.place.clone());
    for node in section.list("channels", log) {
        let Some(channel) = Section::open(node, &file, "a channel", log) else { continue };
        contact.channels.push(read_channel(channel, marks, log));
    }
    if let Some(mut history) = section.section("history", log) {
        for key in ["dataset", "date", "channel"] {
            marks.note(format!("contact/{key}"), history.at(key));
        }
        contact.history = Some(ContactHistory {
            dataset: history.need("dataset", log),
            date: history.need("date", log),
            channel: history.text("channel", log),
        });
        history.close(log);
    }
    section.close(log);
    contact
}

fn read_channel(mut section: Section<'_>, marks: &mut Marks, log: &mut Log) -> Channel {
    let name = section.need("name", log);
    section.what = format!("channel `{name}`");
    marks.note(format!("channel:{name}"), section.place.clone());
    marks.note(format!("channel:{name}/values"), section.at("values"));
    let channel = Channel {
        label: section.label("label", &name, log),
        line: section.at("needs").line,
        needs: section.need("needs", log),
        values: section.texts("values", log),
        name,
    };
    section.close(log);
    channel
}
