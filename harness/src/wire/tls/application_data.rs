use super::{RecordKind, TlsConnection, TlsVersion};
use crate::model::Side;

/// Octets of a TLS 1.3 Finished on the wire: 4 of message header, a hash (SHA-256 or SHA-384), then as in any protected
/// record 1 of true type and 16 of authentication tag (RFC 8446 sections 4.4.4 and 5.2).
const FINISHED: [u16; 2] = [4 + 32 + 1 + 16, 4 + 48 + 1 + 16];

/// Octets of a protected TLS 1.3 alert: 2, then the same.
const ALERT: u16 = 2 + 1 + 16;

impl TlsConnection {
    /// Which of a side's [`records`](super::TlsHalf::records), counted from 0, is the first with application data: what
    /// an application wrote, not the handshake. None where there is no such record, and where it cannot be told.
    ///
    /// In TLS 1.2 and earlier, records show their type, so it is the first of type 23, of either side.
    ///
    /// In TLS 1.3, all protected records show type 23 (RFC 8446 section 5.2). Their lengths tell them apart for the
    /// client, whose handshake has one protected message when there is no client certificate: its Finished, which comes
    /// first. So a first record of 53 or 69 octets is taken for it, any record of 19 octets for an alert, and the first
    /// other one is application data. This holds because a record has octets of one type only and Finished comes before
    /// any application data (what HTTP/2 begins with may well have the length of one: with one setting and a
    /// WINDOW_UPDATE, 24 + 15 + 13 + 17 is 69), and as long as the client
    ///
    /// - sends no certificate and no early data (a resumed session's first record could look like a Finished),
    /// - does not pad its records (section 5.4) nor use TLS_AES_128_CCM_8_SHA256, whose tag has 8 octets,
    /// - sends no KeyUpdate before its first application data: that would be taken for it.
    ///
    /// The server's handshake has several protected messages of any length, so for a TLS 1.3 server it is always none;
    /// so it is for both sides while there is no ServerHello, which says the version.
    pub fn sent_application_data(&self, side: Side) -> Option<usize> {
        let hides_types = self.server_hello.as_ref()?.version >= TlsVersion::TLS_1_3;
        let records = self.half(side).records.iter().enumerate();
        let mut protected = records.filter(|(_, record)| record.kind == RecordKind::ApplicationData);
        match (hides_types, side) {
            (false, _) => protected.next().map(|(at, _)| at),
            (true, Side::Server) => None,
            (true, Side::Client) => {
                let mut behind_finished = protected
                    .enumerate()
                    .filter(|(nth, (_, record))| !(*nth == 0 && FINISHED.contains(&record.length)));
                behind_finished.find(|(_, (_, record))| record.length != ALERT).map(|(_, (at, _))| at)
            }
        }
    }
}
