//! Generated code, in modules named after the packages because it refers to itself by these paths.

pub mod grpc {
    pub mod testing {
        include!(concat!(env!("OUT_DIR"), "/grpc.testing.rs"));

        impl Payload {
            /// A payload whose body is `size` zeros.
            pub fn zeros(size: usize) -> Self {
                Self { body: vec![0; size].into(), ..Self::default() }
            }
        }
    }
}

pub mod interop {
    #[expect(clippy::large_enum_variant, reason = "generated")]
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/interop.v1.rs"));
    }
}
