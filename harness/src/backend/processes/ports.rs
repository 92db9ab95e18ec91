use crate::backend::BackendError;
use crate::backend::error::infra;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Ports that no system gives away by itself, to taps or to whoever dials: one of them that is free now is still free when its
/// server starts.
const RANGE: Range<u16> = 10_240..32_768;

/// Hands out ports of this host, each once.
#[derive(Debug, Default)]
pub(super) struct Ports(Mutex<BTreeSet<u16>>);

impl Ports {
    /// A port where nobody listens.
    pub(super) fn next(&self) -> Result<u16, BackendError> {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Runs side by side begin at different ones.
        let begin = usize::try_from(std::process::id()).unwrap_or_default() * 101 % RANGE.len();
        let free = |port: &u16| !given.contains(port) && TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok();
        let port = RANGE.cycle().skip(begin).take(RANGE.len()).find(free);
        let port = port.ok_or_else(|| infra(format!("no port of {RANGE:?} is free for a server")))?;
        given.insert(port);
        Ok(port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_once_and_only_if_it_is_free() {
        let ports = Ports::default();
        let first = ports.next().unwrap();
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first + 1));
        let second = ports.next().unwrap();
        assert!(taken.is_ok() && second > first + 1, "{first} {second}");
    }
}
