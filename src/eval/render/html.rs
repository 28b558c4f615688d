//! The report as one HTML page that needs nothing else: no script, no file, no address.

use minijinja::Environment;
use minijinja::value::Serde;

use super::Told;

/// Its name says that everything in it is escaped.
const NAME: &str = "report.html";

/// The page.
///
/// # Errors
/// Where the template fails, which is a fault of the program.
pub fn html(told: &Told) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_template(NAME, include_str!("report.html.j2"))?;
    environment.get_template(NAME)?.render(Serde(told))
}
