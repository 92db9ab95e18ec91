use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{available_parallelism, scope};

/// How many pairs run at once. Two a core: a pair waits much of its time, for a process to begin and to end or for a deadline to pass.
pub fn pairs_at_once() -> usize {
    2 * cores()
}

fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

/// Does some work on each item, on all cores; the results are in the order of the items.
pub(super) fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    // One item at a time: some take a thousand times as long as others.
    let take = || {
        let at = next.fetch_add(1, Ordering::Relaxed);
        items.get(at).map(|item| (at, work(item)))
    };
    let mut done: Vec<(usize, R)> = scope(|scope| {
        let workers: Vec<_> =
            (0..cores()).map(|_| scope.spawn(|| std::iter::from_fn(take).collect::<Vec<_>>())).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_their_items() {
        let items: Vec<u64> = (0..1_000).collect();
        let results = on_all_cores(&items, |item| {
            // The later ones are done sooner.
            (0..1_000 - item).fold(*item, |sum, _| std::hint::black_box(sum))
        });
        assert_eq!(results, items);
        assert!(on_all_cores(&[], |item: &u64| *item).is_empty());
    }

    #[test]
    #[should_panic = "of the work"]
    fn a_panic_is_passed_on() {
        on_all_cores(&[1, 2, 3], |item| assert!(*item != 2, "of the work"));
    }
}
