//! Tests of what is read of TLS.

mod application_data;
mod cuts;
mod hellos;
mod real;
mod records;
