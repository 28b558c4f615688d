//! Wires the doors: the command line runs, and where it asks for a service, the service is started.

use std::process::ExitCode;
use std::sync::Arc;

use waggle::cli::{self, Exit, Outcome};
use waggle::http;
use waggle::service::Service;

#[tokio::main]
async fn main() -> ExitCode {
    let exit = match cli::run().await {
        Outcome::Exit(exit) => exit,
        Outcome::Serve(order) => serve(*order).await,
    };
    exit.into()
}

async fn serve(order: cli::Service) -> Exit {
    let service = Service::new(order.app, order.opened, order.store, order.config);
    if let Err(error) = service.note_catalog().await {
        cli::note(&error.to_string());
        return Exit::Error;
    }
    let door = Arc::new(http::Door::new(service, http::HttpLimits::default()));
    let listening = |address| cli::note(&format!("listening on http://{address}"));
    let served = http::serve(Arc::clone(&door), order.listen, listening).await;
    door.service().store().close().await;
    match served {
        Ok(()) => Exit::Done,
        Err(error) => {
            cli::note(&format!("{}: {error}", order.listen));
            Exit::Error
        }
    }
}
