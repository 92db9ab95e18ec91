use super::expect::ExpectedCall;
use crate::model::{BlindField, Peer, When};
use crate::proto::v1;

/// Whether a client's library does not show this of such a call, as its `peer.yaml` declares.
pub(super) fn is_blind(
    client: &Peer,
    expected: &ExpectedCall<'_>,
    field: BlindField,
    observed: &v1::CallObservation,
) -> bool {
    let ok = observed.status.as_ref().is_some_and(|status| status.code == 0);
    client.blind.iter().any(|spot| {
        let when = match spot.when {
            When::Always => true,
            When::Ok => ok,
            When::Error => !ok,
            When::Cancelled => expected.cancelled,
        };
        when && spot.field == field && spot.calls.contains(&expected.call.method.kind())
    })
}
