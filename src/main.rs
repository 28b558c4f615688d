//! Wires the doors: the command line runs, and where it asks for a service, the service is started.

use std::process::ExitCode;
use std::sync::Arc;

use waggle::cli::{self, Exit, Outcome};
use waggle::http;

#[tokio::main]
async fn main() -> ExitCode {
    let exit = match cli::run().await {
        Outcome::Exit(exit) => exit,
        Outcome::Serve(order) => {
            let service = Arc::new(http::Service::new(order.app, order.config.min_group));
            let listening = |address| cli::note(&format!("listening on http://{address}"));
            match http::serve(service, order.config.listen, listening).await {
                Ok(()) => Exit::Done,
                Err(error) => {
                    cli::note(&format!("{}: {error}", order.config.listen));
                    Exit::Error
                }
            }
        }
    };
    exit.into()
}
