//! The catalog files that the program carries. The only place in the code that knows where they are.

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schema/telco/", $name)))),*];
    };
}

files![
    "catalog.yaml",
    "datasets/customers.yaml",
    "datasets/app_usage.yaml",
    "datasets/call_usage.yaml",
    "datasets/visits.yaml",
    "datasets/subscriptions.yaml",
    "datasets/purchases.yaml",
    "datasets/contacts.yaml",
    "values/regions.yaml",
    "values/devices.yaml",
    "values/plans.yaml",
    "values/apps.yaml",
    "units.yaml",
    "bands.yaml",
    "glossary.yaml",
    "words.yaml",
];

/// The text of a carried file.
pub(super) fn text(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(n, _)| *n == name).map(|(_, text)| *text)
}
