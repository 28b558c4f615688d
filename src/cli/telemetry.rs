//! The log on standard error, and the traces of a service: what `tracing` hears goes to both. Traces are sent to an
//! OpenTelemetry collector (OTLP over HTTP) in batches, from a thread of their own; what is left is sent at the end.

use std::future::poll_fn;
use std::pin::pin;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::config::Telemetry;
use super::error::CliError;
use super::output;

/// What a service logs where `RUST_LOG` does not say otherwise: its own news, and what goes wrong elsewhere.
const SERVICE_LOG: &str = "warn,waggle=info";
/// What a command logs.
const COMMAND_LOG: &str = "warn";
/// What the spans of this program begin with; those of libraries are not sent, nor those of the sending.
const OWN: &str = "waggle";
/// Where a collector takes traces.
const TRACES: &str = "/v1/traces";

/// The log of a command.
pub(super) fn for_command() {
    fmt().with_env_filter(filter(COMMAND_LOG)).with_writer(std::io::stderr).init();
}

fn filter(default: &str) -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default))
}

/// What sends traces; to be ended before the program is.
#[derive(Debug, Default)]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Sends what is left. Blocks no thread of the runtime: they do the sending.
    pub async fn end(self) {
        let Some(provider) = self.0 else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if let Ok(Err(error)) = ended {
            output::note(&format!("the last traces could not be sent: {error}"));
        }
    }
}

/// Starts the log of a service, and its traces where a collector is named.
///
/// # Errors
/// An address that is none.
pub(super) fn for_service(config: &Telemetry) -> Result<Traces, CliError> {
    let provider = config.otlp.as_deref().map(provider).transpose()?;
    let traces = provider.as_ref().map(|provider| {
        let own = filter_fn(|meta| meta.is_span() && meta.target().starts_with(OWN));
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(OWN))
            .with_location(false)
            .with_threads(false)
            .with_filter(own)
            .with_filter(LevelFilter::INFO)
    });
    let log = fmt::layer().with_writer(std::io::stderr);
    let log = if config.json_log {
        log.json().flatten_event(true).with_current_span(true).with_span_list(false).boxed()
    } else {
        log.boxed()
    };
    tracing_subscriber::registry().with(traces).with(log.with_filter(filter(SERVICE_LOG))).init();
    Ok(Traces(provider))
}

fn provider(collector: &str) -> Result<SdkTracerProvider, CliError> {
    let endpoint = match collector.trim_end_matches('/') {
        whole if whole.ends_with(TRACES) => whole.to_owned(),
        base => format!("{base}{TRACES}"),
    };
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .build()
        .map_err(|error| CliError::Usage(format!("telemetry.otlp: {error}")))?;
    let resource = Resource::builder().with_service_name(OWN).build();
    let exporter = OnRuntime { exporter, runtime: Handle::current() };
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
}

/// An exporter that finds the runtime from the thread that batches spans, which is none of the runtime's.
#[derive(Debug)]
struct OnRuntime<E> {
    exporter: E,
    runtime: Handle,
}

impl<E: SpanExporter> SpanExporter for OnRuntime<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut sending = pin!(self.exporter.export(batch));
        poll_fn(|context| {
            let _within = self.runtime.enter();
            sending.as_mut().poll(context)
        })
        .await
    }

    fn shutdown_with_timeout(&self, timeout: std::time::Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
