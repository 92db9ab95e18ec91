use super::compare::{Comparison, Outcome, Snapshot};
use crate::model::Tier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The `snapshots` of `results.json`: how many there are of each outcome, and which are not as accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// As accepted.
    pub same: usize,
    /// Not as accepted.
    pub changed: Vec<String>,
    /// Those of `changed` in which a peer differs that ran in another version than its `peer.yaml` has.
    pub drift: Vec<String>,
    /// Not accepted yet.
    pub new: Vec<String>,
    /// No snapshots.
    pub unreadable: Vec<String>,
    /// About no case and no peer; looked for by runs of the whole matrix.
    pub orphans: Vec<String>,
}

impl Counts {
    /// The counts of a comparison.
    pub fn of(comparison: &Comparison) -> Counts {
        let mut counts = Counts::default();
        for Snapshot { name, outcome, drift, .. } in &comparison.snapshots {
            match outcome {
                Outcome::Same => counts.same += 1,
                Outcome::Changed { .. } => {
                    counts.changed.push(name.clone());
                    counts.drift.extend((!drift.is_empty()).then(|| name.clone()));
                }
                // Who tries a new case on a part of the matrix has nothing to accept yet; and cases that take long are compared where
                // that was done.
                Outcome::New { .. } if !comparison.whole || comparison.tier == Tier::Extended => {}
                Outcome::New { .. } => counts.new.push(name.clone()),
                Outcome::Unreadable { .. } => counts.unreadable.push(name.clone()),
                Outcome::Orphan => counts.orphans.push(name.clone()),
            }
        }
        counts
    }

    /// Whether all is as accepted.
    pub fn is_as_accepted(&self) -> bool {
        let Counts { same: _, changed, drift: _, new, unreadable, orphans } = self;
        [changed, new, unreadable, orphans].iter().all(|names| names.is_empty())
    }
}
