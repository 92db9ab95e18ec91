use crate::dialect::Form;
use crate::model::CellId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// The normal forms of the cells that passed, kept when they are judged: their captures are decoded then, and not again.
#[derive(Debug, Default)]
pub struct Forms(Mutex<BTreeMap<CellId, Vec<(u32, Form)>>>);

impl Forms {
    /// Keeps the form of a cell in a round; rounds that look alike are kept once.
    pub(super) fn keep(&self, cell: &CellId, round: u32, form: Form) {
        let mut forms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let forms = forms.entry(cell.clone()).or_default();
        match forms.iter_mut().find(|(_, kept)| *kept == form) {
            Some((first, _)) => *first = round.min(*first),
            None => forms.push((round, form)),
        }
    }

    /// All of them; those of a cell in the order of their rounds.
    pub fn all(self) -> BTreeMap<CellId, Vec<Form>> {
        let forms = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let sorted = |mut forms: Vec<(u32, Form)>| {
            forms.sort_by_key(|(round, _)| *round);
            forms.into_iter().map(|(_, form)| form).collect()
        };
        forms.into_iter().map(|(cell, forms)| (cell, sorted(forms))).collect()
    }
}
