//! The bodies of the fuzz targets, driven with real traffic, with the same damaged, and with any bytes. The seed is fixed, so that a
//! failure comes again; `make fuzz` looks further.

use super::{TARGETS, Target};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngSeed, TestRunner};

fn target(name: &str) -> Target {
    *TARGETS.iter().find(|target| target.name == name).unwrap()
}

/// One change to an input.
#[derive(Debug, Clone)]
enum Damage {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Cut(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let octet = || prop_oneof![any::<u8>(), Just(0), Just(0x7f), Just(0xff)];
    prop_oneof![
        4 => (any::<Index>(), octet()).prop_map(|(at, octet)| Damage::Set(at, octet)),
        2 => (any::<Index>(), vec(octet(), 1..20)).prop_map(|(at, octets)| Damage::Insert(at, octets)),
        2 => (any::<Index>(), 1_usize..60).prop_map(|(at, length)| Damage::Remove(at, length)),
        2 => (any::<Index>(), 1_usize..200).prop_map(|(at, length)| Damage::Repeat(at, length)),
        1 => any::<Index>().prop_map(Damage::Cut),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages.iter().filter(|_| !bytes.is_empty()).cloned().collect::<Vec<_>>() {
        if bytes.is_empty() {
            break;
        }
        let size = bytes.len();
        let until = |at: usize, length: usize| (at + length).min(size);
        match damage {
            Damage::Set(at, octet) => bytes[at.index(size)] = octet,
            Damage::Insert(at, octets) => drop(bytes.splice(at.index(size)..at.index(size), octets)),
            Damage::Remove(at, length) => drop(bytes.drain(at.index(size)..until(at.index(size), length))),
            Damage::Repeat(at, length) => {
                let part = bytes[at.index(size)..until(at.index(size), length)].to_vec();
                bytes.splice(at.index(size)..at.index(size), part);
            }
            Damage::Cut(at) => bytes.truncate(at.index(size)),
        }
    }
    bytes
}

/// Every seed as it is, then `cases` of damaged ones and as many of any bytes.
fn holds(name: &str, cases: u32) {
    let Target { body, seeds, .. } = target(name);
    let seeds = seeds();
    assert!(!seeds.is_empty());
    seeds.iter().for_each(|seed| body(seed));
    let config = Config { cases, rng_seed: RngSeed::Fixed(7540), failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let of_seeds = (proptest::sample::select(seeds), vec(damage(), 1..8));
    let damaged = runner.run(&of_seeds, |(seed, damages)| {
        body(&damaged(seed, &damages));
        Ok(())
    });
    damaged.unwrap_or_else(|failure| panic!("{failure}"));
    let any = runner.run(&vec(any::<u8>(), 0..400), |bytes| {
        body(&bytes);
        Ok(())
    });
    any.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Inputs that broke something once.
#[test]
fn what_was_found_stays_mended() {
    // An answer in HTTP/1.1 that came octet by octet was taken for a frame that did not end, too.
    super::frames(b"\x01\0\0\0\0HTTP/1.1 40");
}

#[test]
fn frames() {
    holds("frames", 1_000);
}

#[test]
fn messages() {
    holds("messages", 1_000);
}

#[test]
fn connection() {
    holds("connection", 300);
}

#[test]
fn observations() {
    holds("observations", 1_000);
}

#[test]
fn files() {
    holds("files", 150);
}
