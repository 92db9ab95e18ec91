#![no_main]

libfuzzer_sys::fuzz_target!(init: interop::fuzz::plant("observations"), |bytes: &[u8]| interop::fuzz::observations(bytes));
