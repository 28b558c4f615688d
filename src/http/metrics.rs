//! The numbers of `/metrics`, and the recorder that gathers them: one in a process, whoever asks first makes it.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::service::{STAGE_SECONDS, STORE_ERRORS, Service, TURNS};
use crate::translate::model::{CALLS, COST, DRAFTS, SECONDS as MODEL_SECONDS, TOKENS};

const REQUESTS: &str = "waggle_http_requests_total";
const REQUEST_SECONDS: &str = "waggle_http_request_seconds";
const OPEN: &str = "waggle_http_requests_open";
const ANSWERING: &str = "waggle_turns_running";
const WAITING: &str = "waggle_turns_waiting";
const EXPORTS: &str = "waggle_exports";
const EXPORT_ROWS: &str = "waggle_export_rows";
const INFO: &str = "waggle_info";

/// Bounds of the histograms, in seconds: from the built-in translator's fractions of a millisecond to the longest query.
const SECONDS: [f64; 15] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 60.0];

/// The recorder; none where another one gathers the numbers of this process.
pub(super) fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER.get_or_init(installed).as_ref()
}

fn installed() -> Option<PrometheusHandle> {
    let bounds = |builder: PrometheusBuilder, name: &str| {
        builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), &SECONDS)
    };
    let builder = bounds(PrometheusBuilder::new(), REQUEST_SECONDS).and_then(|b| bounds(b, STAGE_SECONDS));
    let builder = builder.and_then(|b| bounds(b, MODEL_SECONDS));
    match builder.and_then(PrometheusBuilder::install_recorder) {
        Ok(handle) => {
            describe();
            Some(handle)
        }
        Err(error) => {
            tracing::warn!(%error, "there will be no metrics");
            None
        }
    }
}

fn describe() {
    describe_counter!(REQUESTS, "HTTP requests by method, route and status; 499 where the client went away");
    describe_histogram!(REQUEST_SECONDS, "Time until a request was answered, streams until their beginning");
    describe_gauge!(OPEN, "HTTP requests that are not answered yet");
    describe_counter!(TURNS, "Turns of conversations by how they ended");
    describe_histogram!(STAGE_SECONDS, "Time of each stage of a turn");
    describe_gauge!(ANSWERING, "Messages that are being answered");
    describe_gauge!(WAITING, "Messages that wait to be answered");
    describe_counter!(CALLS, "Exchanges with models by model and outcome");
    describe_histogram!(MODEL_SECONDS, "Time until a model's whole reply was there");
    describe_counter!(TOKENS, "Tokens by model and kind: input, cached_input, output");
    describe_counter!(COST, "What models cost, in millionths of a US dollar");
    describe_counter!(DRAFTS, "Replies of models that were to be drafts, by whether they could be read");
    describe_counter!(STORE_ERRORS, "Failures of the store");
    describe_gauge!(EXPORTS, "Export jobs that are kept, by state");
    describe_gauge!(EXPORT_ROWS, "Rows that the export jobs that are kept have written, by state");
    describe_gauge!(INFO, "What runs here; always 1");
}

/// A request came, or was answered.
pub(super) fn opened(came: bool) {
    gauge!(OPEN).increment(if came { 1.0 } else { -1.0 });
}

/// A request was answered.
pub(super) fn request(method: &'static str, route: &str, status: u16, took: Duration) {
    let route = route.to_owned();
    counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string()).increment(1);
    histogram!(REQUEST_SECONDS, "method" => method, "route" => route).record(took);
}

/// Everything, as Prometheus reads it. What the service knows at any time is asked of it now.
pub(super) async fn render(service: &Service) -> String {
    let Some(recorder) = recorder() else { return String::new() };
    gauge!(ANSWERING).set(number(service.answering()));
    gauge!(WAITING).set(number(service.waiting()));
    gauge!(INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    match service.store().export_totals().await {
        Ok(totals) => {
            for total in totals {
                gauge!(EXPORTS, "state" => total.state.clone()).set(number(total.jobs));
                gauge!(EXPORT_ROWS, "state" => total.state).set(number(total.rows));
            }
        }
        Err(error) => tracing::warn!(%error, "exports cannot be counted"),
    }
    recorder.render()
}

/// A count as a number of the exposition; beyond 2^53 it is not exact, and nothing here is counted so far.
fn number(count: impl TryInto<u32>) -> f64 {
    count.try_into().map_or(f64::from(u32::MAX), f64::from)
}
