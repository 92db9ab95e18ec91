use std::time::Duration;

/// How long a run waits for what.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a server to answer with its SETTINGS.
    pub ready: Duration,
    /// For the backend to do one thing: start or stop an instance, begin or end a process in one, remove what is left. A build
    /// has no limit but the run's.
    pub backend: Duration,
    /// For all of it.
    pub run: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let [ready, backend, run] = [20, 60, 2 * 3600].map(Duration::from_secs);
        Limits { ready, backend, run }
    }
}
