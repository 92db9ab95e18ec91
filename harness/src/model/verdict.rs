use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What became of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As expected, on all evidence.
    Pass,
    /// A rule was broken or an expectation missed.
    Fail,
    /// Failed exactly as the ledger says.
    Xfail,
    /// Passed although the ledger says it always fails.
    Xpass,
    /// A feature is missing, as declared.
    Unsupported,
    /// Passed after a retry.
    Flaky,
    /// The client did not finish in time.
    Timeout,
    /// The harness or its environment failed, no peer.
    InfraError,
    /// Not run, because the run ended before.
    Skipped,
}

impl Verdict {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Verdict; 9] = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Xfail,
        Verdict::Xpass,
        Verdict::Unsupported,
        Verdict::Flaky,
        Verdict::Timeout,
        Verdict::InfraError,
        Verdict::Skipped,
    ];

    /// Whether a run with such a cell is as expected.
    pub fn is_expected(self) -> bool {
        match self {
            Verdict::Pass | Verdict::Xfail | Verdict::Unsupported | Verdict::Flaky => true,
            Verdict::Fail | Verdict::Xpass | Verdict::Timeout | Verdict::InfraError | Verdict::Skipped => false,
        }
    }

    /// How much it weighs where a cell was run several times: the heaviest is the cell's. What a peer did comes first, as in the
    /// exit code, since no other round takes it back; then what kept a round from showing anything; then what is as expected, the
    /// less usual first.
    pub fn weight(self) -> u8 {
        match self {
            Verdict::Fail => 8,
            Verdict::Timeout => 7,
            Verdict::Xpass => 6,
            Verdict::InfraError => 5,
            Verdict::Skipped => 4,
            Verdict::Flaky => 3,
            Verdict::Xfail => 2,
            Verdict::Unsupported => 1,
            Verdict::Pass => 0,
        }
    }

    /// Its name, as in `results.json`.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Xfail => "xfail",
            Verdict::Xpass => "xpass",
            Verdict::Unsupported => "unsupported",
            Verdict::Flaky => "flaky",
            Verdict::Timeout => "timeout",
            Verdict::InfraError => "infra-error",
            Verdict::Skipped => "skipped",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a verdict stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// HTTP/2 frames, decoded from the capture.
    Frames,
    /// What TLS shows of itself: hellos, record types and sizes.
    Tls,
    /// Nothing was recorded: the cell did not run.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_as_expected_outweighs_all_that_is() {
        let (fine, bad): (Vec<_>, Vec<_>) = Verdict::ALL.into_iter().partition(|verdict| verdict.is_expected());
        assert!(fine.iter().all(|fine| bad.iter().all(|bad| bad.weight() > fine.weight())));
        let weights: std::collections::BTreeSet<u8> = Verdict::ALL.into_iter().map(Verdict::weight).collect();
        assert_eq!(weights.len(), Verdict::ALL.len());
        assert!(Verdict::Fail.weight() > Verdict::InfraError.weight());
    }
}
