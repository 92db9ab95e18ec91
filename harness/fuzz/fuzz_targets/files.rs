#![no_main]

libfuzzer_sys::fuzz_target!(init: interop::fuzz::plant("files"), |bytes: &[u8]| interop::fuzz::files(bytes));
