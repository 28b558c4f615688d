//! Wires the doors: the command line runs, and where it asks for a service, the service is started.

use std::process::ExitCode;
use std::sync::Arc;

use waggle::access::Caller;
use waggle::cli::{self, Exit, Outcome};
use waggle::eval::leaderboard::Facts;
use waggle::translate::router::Router;
use waggle::{http, mcp};

/// Queries ask for much memory in pieces of 100 KiB and more and give it back at once; the system's allocator returns such
/// pieces to the system each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let exit = match cli::run().await {
        Outcome::Exit(exit) => exit,
        Outcome::Serve(order) => serve(*order).await,
        Outcome::Mcp(order) => assist(order.service).await,
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
    let who = |came: &mcp::Extensions| came.get::<http::RequestHead>()?.extensions.get::<Caller>().cloned();
    let tools = mcp::Tools::new(Arc::clone(&service), who).over_http(!config.auth.on);
    let models: Vec<Facts> = service.whole().router().into_iter().flat_map(Router::models).map(Facts::from).collect();
    let mut door =
        http::Door::new(Arc::clone(&service), auth, limits).mount(mcp::PATH, tools).knowing(models).page(config.ui);
    if let Some(folder) = order.golden {
        door = door.golden(folder);
    }
    let door = Arc::new(door);
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

/// Serves the assistant that started the program; it asks as the one on this machine.
async fn assist(service: waggle::service::Service) -> Exit {
    let service = Arc::new(service);
    let served = mcp::Tools::new(Arc::clone(&service), |_| Some(Caller::local())).over_stdio().await;
    service.store().close().await;
    match served {
        Ok(()) => Exit::Done,
        Err(error) => {
            cli::note(&error.to_string());
            Exit::Error
        }
    }
}
