use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the time of a run goes by with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A peer comes up: its container, its checks.
    PeerStart,
    /// The engine is asked for something.
    Engine,
    /// A client is at a job.
    Wire,
    /// A client has reported its last job, and its process ends.
    Closing,
    /// A capture waits for its last connections, and is completed.
    Sealing,
    /// A cell is judged.
    Judging,
}

impl Work {
    /// All of them.
    pub const ALL: [Work; 6] = [Work::PeerStart, Work::Engine, Work::Wire, Work::Closing, Work::Sealing, Work::Judging];
}

/// Takes down what a run's time is spent on, where that is asked for: it grows with each cell. By default it takes down nothing.
#[derive(Debug, Default)]
pub(super) struct Spent {
    spans: Option<Mutex<Vec<Span>>>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    work: Work,
    began: Instant,
    ended: Instant,
}

/// How much there was of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// How often.
    pub times: usize,
    /// Of all of it together.
    pub sum: Duration,
    /// Wall time while there was any of it.
    pub wall: Duration,
}

/// Where the time of a run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakdown {
    /// All of it.
    pub took: Duration,
    /// How much there was of what.
    pub shares: [(Work, Share); Work::ALL.len()],
    /// Wall time while there was nothing of any.
    pub idle: Duration,
}

impl Spent {
    /// One that does take it down.
    pub(super) fn kept() -> Spent {
        Spent { spans: Some(Mutex::default()) }
    }

    /// Begins a piece of work, which goes on until what is returned is dropped.
    pub(super) fn on(&self, work: Work) -> Busy<'_> {
        Busy { spent: self, work, began: Instant::now() }
    }

    /// Where the time went from then until now.
    pub(super) fn breakdown(&self, since: Instant) -> Breakdown {
        let took = since.elapsed();
        let shares = Work::ALL.map(|work| (work, share(self.since(since).filter(|span| span.work == work))));
        Breakdown { took, shares, idle: took.saturating_sub(share(self.since(since)).wall) }
    }

    fn since(&self, since: Instant) -> impl Iterator<Item = Span> {
        let spans = self.spans.as_ref().map(|spans| spans.lock().unwrap_or_else(PoisonError::into_inner).clone());
        spans.unwrap_or_default().into_iter().filter(move |span| span.began >= since)
    }
}

/// Work under way.
pub(super) struct Busy<'a> {
    spent: &'a Spent,
    work: Work,
    began: Instant,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let Some(spans) = &self.spent.spans else { return };
        let Busy { work, began, .. } = *self;
        let span = Span { work, began, ended: Instant::now() };
        spans.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }
}

fn share(spans: impl Iterator<Item = Span>) -> Share {
    let mut spans: Vec<Span> = spans.collect();
    spans.sort_by_key(|span| span.began);
    let mut share = Share { times: spans.len(), ..Share::default() };
    let mut until = None;
    for Span { began, ended, .. } in spans {
        share.sum += ended - began;
        // What lies before is counted already.
        let fresh = until.map_or(began, |until| began.max(until));
        share.wall += ended.saturating_duration_since(fresh);
        until = Some(until.map_or(ended, |until| ended.max(until)));
    }
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_at_once_is_one_time_on_the_wall() {
        let zero = Instant::now();
        let at = |second| zero + Duration::from_secs(second);
        let span = |began, ended| Span { work: Work::Wire, began: at(began), ended: at(ended) };
        // Two that overlap, one within them, a pause, another.
        let share = share([span(10, 12), span(0, 4), span(1, 2), span(3, 6)].into_iter());
        assert_eq!(share, Share { times: 4, sum: Duration::from_secs(10), wall: Duration::from_secs(8) });
    }

    #[test]
    fn work_is_told_from_other_work_and_from_none() {
        let (spent, began) = (Spent::kept(), Instant::now());
        drop(spent.on(Work::Wire));
        let later = Instant::now();
        drop((spent.on(Work::Judging), spent.on(Work::Judging)));
        let times = |since| spent.breakdown(since).shares.map(|(_, share)| share.times);
        assert_eq!(times(began), [0, 0, 1, 0, 0, 2]);
        assert_eq!(times(later), [0, 0, 0, 0, 0, 2]);
        let Breakdown { took, shares, idle } = spent.breakdown(began);
        assert!(shares.iter().all(|(_, share)| share.wall + idle <= took));
    }
}
