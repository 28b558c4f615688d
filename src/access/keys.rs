//! API keys: made here, shown once, kept as a hash.
//!
//! A key is 256 bits of the system's randomness, so it is kept under one SHA-256: slow hashes are for secrets
//! that people think up, where guesses are few enough to try. It is looked up by that hash, as an index does:
//! how long a look-up takes tells of the hash of what was sent, which whoever sent it knows, and nothing of
//! the keys that are kept. So no comparison here needs to take constant time.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Caller, Role};
use crate::catalog::Locale;

/// What every key begins with: so that people and scanners of leaked secrets know one.
pub const PREFIX: &str = "wgl_";
/// What the id of every key begins with.
pub const ID_PREFIX: &str = "key_";

/// Letters that are not taken for one another, in the order of RFC 4648.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// Randomness of a key, in bytes.
const SECRET_BYTES: usize = 32;
/// Randomness of an id, in bytes; an id is no secret.
const ID_BYTES: usize = 10;
/// Letters of a key's checksum: one typo in a billion goes unnoticed, and is then no key either.
const CHECK_LETTERS: usize = 6;

/// A key that was just made. The secret is to be shown once, and kept nowhere.
pub struct NewKey {
    /// What the caller sends.
    pub secret: String,
    /// What the key is called afterwards.
    pub id: String,
}

impl fmt::Debug for NewKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("NewKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A key as it is kept and listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// Its id, which is the id of its caller too.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// [`hash`] of its secret.
    #[serde(skip_serializing, default)]
    pub hash: String,
    /// What its caller may do.
    pub role: Role,
    /// What else is known of its caller.
    pub attributes: BTreeMap<String, String>,
    /// When it was made, as the store writes times.
    pub created: String,
    /// When it was last used.
    pub last_used: Option<String>,
    /// When it was revoked; it is no key any more then.
    pub revoked: Option<String>,
}

impl KeyRecord {
    /// Who calls with it; nobody once it is revoked.
    #[must_use]
    pub fn caller(&self) -> Option<Caller> {
        let caller = || Caller {
            id: self.id.clone(),
            name: self.name.clone(),
            role: self.role,
            attributes: self.attributes.clone(),
        };
        self.revoked.is_none().then(caller)
    }
}

/// What is wrong with the text of a key. Never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It does not look like a key.
    #[error("this is no API key: one begins with {PREFIX}")]
    NoKey,
    /// Its checksum is wrong.
    #[error("this API key is mistyped or cut off: its checksum is wrong")]
    Typo,
    /// The system has no randomness to give.
    #[error("the system's source of randomness cannot be read")]
    NoRandomness,
}

impl KeyError {
    /// What a reader sees.
    #[must_use]
    pub fn message(self, locale: Locale) -> String {
        match (self, locale) {
            (Self::NoKey, Locale::Ko) => format!("API 키가 아닙니다. 키는 {PREFIX}로 시작합니다"),
            (Self::Typo, Locale::Ko) => "API 키가 잘못 입력되었거나 잘렸습니다: 검사합이 맞지 않습니다".to_owned(),
            (Self::NoRandomness, Locale::Ko) => "시스템의 난수를 읽을 수 없습니다".to_owned(),
            (_, Locale::En) => self.to_string(),
        }
    }
}

/// Makes a key.
///
/// # Errors
/// Where the system has no randomness to give.
pub fn generate() -> Result<NewKey, KeyError> {
    let (mut secret, mut id) = ([0; SECRET_BYTES], [0; ID_BYTES]);
    getrandom::fill(&mut secret).map_err(|_| KeyError::NoRandomness)?;
    getrandom::fill(&mut id).map_err(|_| KeyError::NoRandomness)?;
    let secret = letters(&secret);
    Ok(NewKey { secret: format!("{PREFIX}{secret}{}", checksum(&secret)), id: format!("{ID_PREFIX}{}", letters(&id)) })
}

/// What a key is kept and looked up by.
///
/// # Errors
/// Where the text cannot be a key; nobody need look it up then.
pub fn hash(secret: &str) -> Result<String, KeyError> {
    let body = secret.strip_prefix(PREFIX).ok_or(KeyError::NoKey)?;
    let split = body.len().checked_sub(CHECK_LETTERS).filter(|split| body.is_char_boundary(*split));
    let (key, check) = body.split_at(split.ok_or(KeyError::Typo)?);
    if check != checksum(key) {
        return Err(KeyError::Typo);
    }
    let digest = Sha256::digest(secret.as_bytes());
    Ok(digest.iter().fold(String::new(), |mut hex, byte| {
        use fmt::Write;
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}

fn checksum(key: &str) -> String {
    let mut letters = letters(&Sha256::digest(key.as_bytes()));
    letters.truncate(CHECK_LETTERS);
    letters
}

/// Five bits a letter.
fn letters(bytes: &[u8]) -> String {
    let (mut out, mut held, mut bits) = (String::new(), 0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(letter(held << (5 - bits)));
    }
    out
}

fn letter(bits: u32) -> char {
    char::from(LETTERS[(bits & 31) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_those_of_rfc_4648() {
        for (bytes, text) in [("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foobar", "mzxw6ytboi")] {
            assert_eq!(letters(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn keys_differ_and_a_typo_is_told() {
        let (one, other) = (generate().unwrap(), generate().unwrap());
        assert_ne!((&one.secret, &one.id), (&other.secret, &other.id));
        assert_eq!((one.secret.len(), one.id.len()), (PREFIX.len() + 52 + CHECK_LETTERS, 20));
        assert!(!format!("{one:?}").contains(&one.secret));
        assert_eq!(hash(&one.secret).unwrap().len(), 64);
        assert_ne!(hash(&one.secret), hash(&other.secret));
        for i in PREFIX.len()..one.secret.len() {
            let mut typo = one.secret.clone().into_bytes();
            typo[i] = if typo[i] == b'a' { b'b' } else { b'a' };
            assert_eq!(hash(&String::from_utf8(typo).unwrap()), Err(KeyError::Typo), "at {i}");
            assert_eq!(hash(&one.secret[..i]), Err(KeyError::Typo), "cut at {i}");
        }
        for text in ["", "wgl", "sk-abc", &one.id] {
            assert_eq!(hash(text), Err(KeyError::NoKey));
        }
        assert_eq!(hash("wgl_가나다라마"), Err(KeyError::Typo));
    }

    #[test]
    fn a_revoked_key_is_nobodys() {
        let mut record = KeyRecord {
            id: "key_1".to_owned(),
            name: "campaigns".to_owned(),
            hash: "00".to_owned(),
            role: Role::Analyst,
            attributes: BTreeMap::new(),
            created: "2024-04-22T00:00:00Z".to_owned(),
            last_used: None,
            revoked: None,
        };
        assert_eq!(record.caller().map(|c| (c.id, c.role)), Some(("key_1".to_owned(), Role::Analyst)));
        assert!(!serde_json::to_string(&record).unwrap().contains("hash"));
        record.revoked = Some("2024-04-23T00:00:00Z".to_owned());
        assert_eq!(record.caller(), None);
    }
}
