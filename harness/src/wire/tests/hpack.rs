//! The examples of RFC 7541 appendix C, and what its text demands besides.

use super::hex;
use crate::wire::hpack::{Hpack, HpackError};
use crate::wire::{Budget, limits};

/// Decodes blocks one after another and compares each with its fields, written `name: value` on a line each.
fn decodes(blocks: &[(&str, &str)]) {
    let mut hpack = Hpack::new(&Budget::default());
    for (octets, fields) in blocks {
        let list = hpack.decode(&hex(octets)).unwrap();
        let found: Vec<String> = list
            .fields
            .iter()
            .map(|(name, value)| format!("{}: {}", name.escape_ascii(), value.escape_ascii()))
            .collect();
        let expected: Vec<&str> = fields.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn c_2_representations() {
    decodes(&[("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", "custom-key: custom-header")]);
    decodes(&[("040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path")]);
    decodes(&[("1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret")]);
    decodes(&[("82", ":method: GET")]);
}

const REQUESTS: [&str; 3] = [
    ":method: GET
     :scheme: http
     :path: /
     :authority: www.example.com",
    ":method: GET
     :scheme: http
     :path: /
     :authority: www.example.com
     cache-control: no-cache",
    ":method: GET
     :scheme: https
     :path: /index.html
     :authority: www.example.com
     custom-key: custom-value",
];

#[test]
fn c_3_requests_without_huffman() {
    decodes(&[
        ("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", REQUESTS[0]),
        ("8286 84be 5808 6e6f 2d63 6163 6865", REQUESTS[1]),
        ("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65", REQUESTS[2]),
    ]);
}

#[test]
fn c_4_requests_with_huffman() {
    decodes(&[
        ("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", REQUESTS[0]),
        ("8286 84be 5886 a8eb 1064 9cbf", REQUESTS[1]),
        ("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", REQUESTS[2]),
    ]);
}

const RESPONSES: [&str; 3] = [
    ":status: 302
     cache-control: private
     date: Mon, 21 Oct 2013 20:13:21 GMT
     location: https://www.example.com",
    ":status: 307
     cache-control: private
     date: Mon, 21 Oct 2013 20:13:21 GMT
     location: https://www.example.com",
    ":status: 200
     cache-control: private
     date: Mon, 21 Oct 2013 20:13:22 GMT
     location: https://www.example.com
     content-encoding: gzip
     set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
];

/// The examples have a table of 256 octets, which here an update in front sets: `3fe101`.
#[test]
fn c_5_responses_with_eviction_without_huffman() {
    decodes(&[
        (
            "3fe1 01 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133
             3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
            RESPONSES[0],
        ),
        ("4803 3330 37c1 c0bf", RESPONSES[1]),
        (
            "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738
             666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33
             3630 303b 2076 6572 7369 6f6e 3d31",
            RESPONSES[2],
        ),
    ]);
}

#[test]
fn c_6_responses_with_eviction_with_huffman() {
    decodes(&[
        (
            "3fe1 01 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d
             29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
            RESPONSES[0],
        ),
        ("4883 640e ffc1 c0bf", RESPONSES[1]),
        (
            "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7
             b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
            RESPONSES[2],
        ),
    ]);
}

#[test]
fn table_sizes_are_obeyed_and_told() {
    let mut hpack = Hpack::new(&Budget::default());
    // An entry, then size 0, which evicts it, then 4096 again (3f e1 1f): RFC 7541 section 4.2 sends both.
    hpack.decode(&hex("4001 6101 62")).unwrap();
    let list = hpack.decode(&hex("20 3fe11f 82")).unwrap();
    assert_eq!(list.table_sizes, [0, 4096]);
    assert!(!list.late_table_size);
    assert!(matches!(hpack.decode(&hex("be")), Err(HpackError::Invalid(_))));
}

#[test]
fn table_size_larger_than_the_default() {
    let list = Hpack::new(&Budget::default()).decode(&hex("3fe1ff03 82")).unwrap();
    assert_eq!(list.table_sizes, [65_536]);
}

#[test]
fn table_size_alone_is_a_block() {
    assert_eq!(Hpack::new(&Budget::default()).decode(&hex("20")).unwrap().table_sizes, [0]);
}

#[test]
fn table_size_behind_a_field_is_told() {
    let list = Hpack::new(&Budget::default()).decode(&hex("82 20 84")).unwrap();
    assert!(list.late_table_size);
    assert_eq!((list.table_sizes.len(), list.fields.len()), (1, 2));
}

#[test]
fn broken_blocks_are_refused() {
    for block in [
        "80",                 // index 0
        "be",                 // beyond the table
        "ff",                 // an integer without its end
        "ff ffffff",          // and a longer one
        "40",                 // a literal without its name
        "4001 61",            // a literal without its value
        "4002 61",            // a name without its end
        "0085 ffffffffff 00", // EOS inside a Huffman string
        "0081 00 00",         // Huffman padding other than ones
    ] {
        assert!(matches!(Hpack::new(&Budget::default()).decode(&hex(block)), Err(HpackError::Invalid(_))), "{block}");
    }
}

#[test]
fn integers_longer_than_the_decoder_reads_are_its_limit() {
    for block in ["7f ffffff ffff 01", "ff 80808080 00", "3f 80808080 00", "40 7f 80808080 00"] {
        assert!(matches!(Hpack::new(&Budget::default()).decode(&hex(block)), Err(HpackError::Limit(_))), "{block}");
    }
}

#[test]
fn one_octet_can_stand_for_a_large_field_only_so_often() {
    let value = vec![b'x'; 4_000];
    let entry = [hex("4001 61 7fa11e").as_slice(), &value].concat();
    let field = 4_000 + 1 + 32;
    let budget = Budget::default();
    let mut hpack = Hpack::new(&budget);
    assert_eq!(hpack.decode(&entry).unwrap().fields[0].1, value);
    let fits = limits::HEADER_LIST / field;
    assert_eq!(hpack.decode(&vec![0xbe; fits]).unwrap().fields.len(), fits);
    assert!(matches!(hpack.decode(&vec![0xbe; fits + 1]), Err(HpackError::Limit(_))));
    budget.header_lists.set(2 * field);
    assert!(hpack.decode(&[0xbe, 0xbe]).is_ok());
    assert!(matches!(hpack.decode(&[0xbe]), Err(HpackError::Limit(_))));
}

#[test]
fn table_size_beyond_the_limit_is_refused() {
    assert!(matches!(Hpack::new(&Budget::default()).decode(&hex("3fe1ff7f")), Err(HpackError::Limit(_))));
}
