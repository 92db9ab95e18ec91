use super::source::Source;
use super::{InputError, hint, yaml};
use crate::model::{Case, CaseId};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads how long cases take, in milliseconds: what `interop report --format durations` prints.
pub(super) fn read(path: &Path, cases: &[Case]) -> Result<BTreeMap<CaseId, u32>, InputError> {
    let source = Source::read(path)?;
    let durations: BTreeMap<CaseId, u32> = yaml::parse(&source)?;
    let known: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    match durations.keys().find(|id| !known.contains(&id.as_str())) {
        Some(id) => Err(source.at_key(id.as_str(), format!("there is no case `{id}`{}", hint(id.as_str(), &known)))),
        None => Ok(durations),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_does_not_exist_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("durations.yaml");
        std::fs::write(&path, "# ms\nempty_unary: 3\n").unwrap();
        let error = read(&path, &[]).unwrap_err();
        assert_eq!(error.at, Some((2, 1)));
        assert!(error.what.contains("empty_unary"), "{}", error.what);
        std::fs::write(&path, "empty_unary: -3\n").unwrap();
        assert!(read(&path, &[]).is_err());
    }
}
