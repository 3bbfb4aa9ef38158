//! Base64 in its two alphabets. Every text has one reading: bits that encode nothing must be zero, and padding is there or not as the alphabet has it.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};

/// With padding, as notes and proofs have it.
pub fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

pub fn decode(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}

/// For names and URLs, without padding, as disclosures have it.
pub fn encode_url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// Appends to a buffer that is used again and again.
pub fn append_url(bytes: &[u8], to: &mut Vec<u8>) {
    let start = to.len();
    to.resize(start + Base64UrlUnpadded::encoded_len(bytes), 0);
    Base64UrlUnpadded::encode(bytes, &mut to[start..]).expect("the room is that of the text");
}

/// The text of a SHA-256.
pub fn digest_text(digest: &[u8; 32]) -> [u8; 43] {
    let mut text = [0; 43];
    Base64UrlUnpadded::encode(digest, &mut text).expect("32 bytes are 43 characters");
    text
}
