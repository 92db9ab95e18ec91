#![no_main]

libfuzzer_sys::fuzz_target!(init: interop::fuzz::plant("messages"), |bytes: &[u8]| interop::fuzz::messages(bytes));
