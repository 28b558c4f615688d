//! The app that each caller sees: the same data within the rows that the catalog's rules leave, and the data of
//! today after a reload. What is running when the data changes goes on with what it began with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::ServiceError;
use crate::access::{Caller, rules};
use crate::app::{App, AppConfig, AppError};

/// Most views of the data that are kept for reuse: one for each set of rows that some caller may see.
const MAX_VIEWS: usize = 256;

/// The open app, and its views.
#[derive(Debug)]
pub(super) struct Apps {
    config: AppConfig,
    open: ArcSwap<Open>,
}

/// One version of catalog and data.
#[derive(Debug)]
struct Open {
    whole: Arc<App>,
    views: Mutex<BTreeMap<String, Arc<App>>>,
}

impl Open {
    fn new(app: App) -> Self {
        Self { whole: Arc::new(app), views: Mutex::default() }
    }
}

impl Apps {
    /// Over an `app` that was opened with `config`.
    pub(super) fn new(app: App, config: AppConfig) -> Self {
        Self { config, open: ArcSwap::from_pointee(Open::new(app)) }
    }

    /// All rows: for what says nothing of them.
    pub(super) fn whole(&self) -> Arc<App> {
        Arc::clone(&self.open.load().whole)
    }

    /// What `caller` may see.
    ///
    /// # Errors
    /// Where a rule that holds for the caller cannot be applied: then nothing may be seen.
    pub(super) fn of(&self, caller: &Caller) -> Result<Arc<App>, ServiceError> {
        let open = self.open.load();
        let Some(only) = rules::scope(open.whole.catalog(), caller)? else { return Ok(Arc::clone(&open.whole)) };
        let mut views = open.views.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(view) = views.get(&only) {
            return Ok(Arc::clone(view));
        }
        let view = Arc::new(open.whole.within(&only)?);
        if views.len() >= MAX_VIEWS {
            views.pop_first();
        }
        views.insert(only, Arc::clone(&view));
        Ok(view)
    }

    /// Opens catalog and data again. Says the versions of the data before and after.
    ///
    /// # Errors
    /// What is wrong with them; what was open stays so.
    pub(super) async fn reload(&self) -> Result<[Arc<App>; 2], ServiceError> {
        let mut config = self.config.clone();
        // What is open answers by its index until the new data has one.
        let indexed = config.index.keep && self.whole().engine().has_index();
        config.index.keep &= !indexed;
        let open = move || {
            let app = App::open(config)?;
            if indexed && let Err(error) = app.engine().build_index_somewhere() {
                tracing::warn!(%error, "the new data has no index; SQL answers");
            }
            Ok::<_, AppError>(app)
        };
        let opened = tokio::task::spawn_blocking(open).await;
        let app = opened.map_err(|_| AppError::Stopped)??;
        if let (Some(router), Some(before)) = (app.router(), self.whole().router()) {
            router.follow_on(before);
        }
        let before = self.open.swap(Arc::new(Open::new(app)));
        Ok([Arc::clone(&before.whole), self.whole()])
    }

    /// Whether the files of the data are others than those that are open.
    pub(super) async fn is_stale(&self) -> bool {
        let (config, whole) = (self.config.clone(), self.whole());
        let version = tokio::task::spawn_blocking(move || whole.data_on_disk(&config.data)).await;
        matches!(version, Ok(Ok(version)) if version != self.whole().engine().data_version())
    }
}
