//! Base64 in its two alphabets. Every text has one reading: bits that encode nothing must be zero, and padding is there or not as the alphabet has it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// With padding, as notes and proofs have it.
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// For names and URLs, without padding, as disclosures have it.
pub fn encode_url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode_url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Appends to a buffer that is used again and again.
pub fn append_url(bytes: &[u8], to: &mut Vec<u8>) {
    let start = to.len();
    to.resize(start + (4 * bytes.len()).div_ceil(3), 0);
    URL_SAFE_NO_PAD.encode_slice(bytes, &mut to[start..]).expect("the room is that of the text");
}

/// The text of a SHA-256.
pub fn digest_text(digest: &[u8; 32]) -> [u8; 43] {
    let mut text = [0; 43];
    URL_SAFE_NO_PAD.encode_slice(digest, &mut text).expect("32 bytes are 43 characters");
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_appended_is_the_one_encoding(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut text = b"before".to_vec();
            append_url(&bytes, &mut text);
            prop_assert_eq!(String::from_utf8(text), Ok(format!("before{}", encode_url(&bytes))));
        }

        #[test]
        fn the_text_of_a_digest_is_its_encoding(digest in any::<[u8; 32]>()) {
            prop_assert_eq!(String::from_utf8(digest_text(&digest).to_vec()), Ok(encode_url(&digest)));
        }
    }

    #[test]
    fn a_text_that_is_not_the_one_encoding_is_refused() {
        assert_eq!(decode_url("YQ"), Some(b"a".to_vec()));
        for other in ["YQ==", "YR", "YQ\n", "Y", "Y Q", "+/8"] {
            assert_eq!(decode_url(other), None, "{other}");
        }
        assert_eq!(decode("YQ=="), Some(b"a".to_vec()));
        for other in ["YQ", "YQ=", "YR==", "YQ==\n", "YQ===", "-_8="] {
            assert_eq!(decode(other), None, "{other}");
        }
    }
}
