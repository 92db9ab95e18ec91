use super::failure_text;
use super::results::{CellResult, Results};
use super::text::printable;
use crate::model::{CellId, PeerId, Transport, Verdict};
use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;
use std::time::Duration;

/// Results as JUnit XML: a test suite for each pair and transport, a test case for each cell. What is expected to fail and what is not
/// supported is `skipped` with its reason; what the environment did is an `error`, what a peer did a `failure`.
pub fn junit(results: &Results) -> Result<String, SerializeError> {
    let mut suites: BTreeMap<(&PeerId, &PeerId, Transport), TestSuite> = BTreeMap::new();
    for cell in &results.cells {
        let CellId { client, server, transport, .. } = &cell.cell;
        let suite = suites.entry((client, server, *transport));
        suite.or_insert_with(|| TestSuite::new(pair(&cell.cell))).add_test_case(test_case(cell, results));
    }
    let mut report = Report::new("interop");
    report.set_time(Duration::from_millis(results.duration_ms)).add_test_suites(suites.into_values());
    report.to_string()
}

fn pair(CellId { client, server, transport, .. }: &CellId) -> String {
    format!("{client}/{server}/{transport}")
}

fn test_case(cell: &CellResult, results: &Results) -> TestCase {
    let mut case = TestCase::new(cell.cell.case.as_str(), status(cell, results));
    // Readers group by the class name, and take dots for folders.
    case.set_classname(pair(&cell.cell).replace('/', ".")).set_time(Duration::from_millis(cell.duration_ms));
    case
}

fn status(cell: &CellResult, results: &Results) -> TestCaseStatus {
    let mut status = match cell.verdict {
        Verdict::Pass | Verdict::Flaky => TestCaseStatus::success(),
        Verdict::Xfail | Verdict::Unsupported => TestCaseStatus::skipped(),
        Verdict::Fail | Verdict::Timeout | Verdict::Xpass => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::InfraError | Verdict::Skipped => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    let link = cell.link.as_deref().map_or(String::new(), |link| format!(" {link}"));
    status.set_message(printable(&format!("{}{link}", cell.reason))).set_type(cell.verdict.name());
    if !cell.verdict.is_expected() {
        status.set_description(failure_text(cell, results));
    }
    status
}
