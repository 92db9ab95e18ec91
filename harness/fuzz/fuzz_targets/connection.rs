#![no_main]

libfuzzer_sys::fuzz_target!(init: interop::fuzz::plant("connection"), |bytes: &[u8]| interop::fuzz::connection(bytes));
