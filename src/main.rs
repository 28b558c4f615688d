//! Wires the doors: the command line runs, and where it asks for a service, the service is started.

use std::process::ExitCode;
use std::sync::Arc;

use waggle::cli::{self, Exit, Outcome};
use waggle::http;

#[tokio::main]
async fn main() -> ExitCode {
    let exit = match cli::run().await {
        Outcome::Exit(exit) => exit,
        Outcome::Serve(order) => serve(*order).await,
    };
    exit.into()
}

async fn serve(order: cli::Service) -> Exit {
    let (config, service) = (order.config, Arc::new(order.service));
    let limits = http::HttpLimits {
        max_body_bytes: config.limits.max_body_bytes,
        request_timeout: config.limits.request_timeout,
        rate_per_minute: config.limits.rate_per_minute,
        rate_burst: config.limits.rate_burst,
        stop_within: config.limits.stop_within,
        ..http::HttpLimits::default()
    };
    let auth = http::Auth::new(config.auth.on, config.auth.keys, config.auth.jwt.map(|jwt| (jwt.rules, jwt.jwks)));
    let door = Arc::new(http::Door::new(Arc::clone(&service), auth, limits));
    let listening = |address| cli::note(&format!("listening on http://{address}"));
    let served = http::serve(door, config.listen, listening).await;
    service.store().close().await;
    order.traces.end().await;
    match served {
        Ok(()) => Exit::Done,
        Err(error) => {
            cli::note(&format!("{}: {error}", config.listen));
            Exit::Error
        }
    }
}
