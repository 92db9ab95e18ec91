#![no_main]

libfuzzer_sys::fuzz_target!(init: interop::fuzz::plant("frames"), |bytes: &[u8]| interop::fuzz::frames(bytes));
