//! Bearer tokens of an `OpenID` Connect provider: a signed JWT becomes a [`Caller`], or is refused.
//!
//! Only signatures that a public key verifies are accepted: `none` is no signature, and with HMAC whoever can
//! verify can sign, which a public key taken for a shared secret would let anybody do. Who issued it, for whom,
//! until when and whose it is must all be said. Errors never hold a token, or what an attacker put into one.

use std::collections::{BTreeMap, BTreeSet};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde_json::{Map, Value};

use super::keys::ID_PREFIX;
use super::{Caller, Role};
use crate::catalog::Locale;

/// Signatures that are accepted.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];
/// Longest token, in bytes: what servers take in a header.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// Longest subject, in bytes: `OpenID` Connect allows no more.
pub const MAX_SUBJECT_BYTES: usize = 255;
/// How far the clocks of the issuer and of this machine may be apart, in seconds.
pub const DEFAULT_LEEWAY_S: u64 = 60;
/// Claims that hold a person's name, the best first.
const NAME_CLAIMS: [&str; 3] = ["name", "preferred_username", "email"];

/// What a token must say, and what its claims mean here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRules {
    /// Who must have issued it.
    pub issuer: String,
    /// For whom it must be: one of these.
    pub audience: Vec<String>,
    /// The claim that says the role: a text or a list of texts. `a.b` is `b` within `a`.
    pub role_claim: String,
    /// What the claim may say → the role; where it is empty, the roles' own names.
    pub roles: BTreeMap<String, Role>,
    /// Claims that become attributes of the same name.
    pub attribute_claims: Vec<String>,
    /// How far clocks may be apart, in seconds.
    pub leeway_s: u64,
}

/// The issuer's public keys.
#[derive(Debug, Clone)]
pub struct Jwks(JwkSet);

impl Jwks {
    /// Reads a JWKS document.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(json: &str) -> Result<Self, NoJwks> {
        let set: JwkSet = serde_json::from_str(json).map_err(|_| NoJwks)?;
        if set.keys.iter().any(is_public) { Ok(Self(set)) } else { Err(NoJwks) }
    }
}

/// A text that holds no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no JWKS document with a public key for signatures")]
pub struct NoJwks;

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is no token.
    #[error("this is no JWT")]
    Malformed,
    /// It is signed in a way that is not accepted, or not at all.
    #[error("the token must be signed with RS256, PS256, ES256 or EdDSA")]
    Algorithm,
    /// The issuer has no such key, as far as is known here.
    #[error("the token is signed with a key that the issuer does not publish")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the token's signature is wrong")]
    Signature,
    /// It is over.
    #[error("the token has expired")]
    Expired,
    /// It holds later.
    #[error("the token does not hold yet")]
    NotYet,
    /// Somebody else issued it.
    #[error("the token is of another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// A claim is missing, or of the wrong kind.
    #[error("the token lacks the claim `{0}`, or it is of the wrong kind")]
    Claim(String),
    /// Its subject cannot be a caller.
    #[error("the token's subject cannot be a caller's id here")]
    Subject,
    /// Nothing it says is a role here.
    #[error("the token gives no role here: see `auth.jwt.roles` in the configuration")]
    NoRole,
}

impl TokenError {
    /// What a reader sees.
    #[must_use]
    pub fn message(&self, locale: Locale) -> String {
        let ko = match (self, locale) {
            (_, Locale::En) => return self.to_string(),
            (Self::Malformed, _) => "JWT가 아닙니다",
            (Self::Algorithm, _) => "토큰은 RS256, PS256, ES256, EdDSA 중 하나로 서명되어야 합니다",
            (Self::UnknownKey, _) => "발급자가 공개하지 않은 키로 서명된 토큰입니다",
            (Self::Signature, _) => "토큰의 서명이 맞지 않습니다",
            (Self::Expired, _) => "토큰이 만료되었습니다",
            (Self::NotYet, _) => "아직 유효하지 않은 토큰입니다",
            (Self::Issuer, _) => "다른 발급자의 토큰입니다",
            (Self::Audience, _) => "다른 대상의 토큰입니다",
            (Self::Claim(name), _) => return format!("토큰에 `{name}` 클레임이 없거나 종류가 다릅니다"),
            (Self::Subject, _) => "토큰의 주체를 여기서 호출자로 쓸 수 없습니다",
            (Self::NoRole, _) => "토큰이 주는 역할이 없습니다. 설정의 `auth.jwt.roles`를 확인하세요",
        };
        ko.to_owned()
    }
}

/// The caller that a token stands for.
///
/// # Errors
/// Why it stands for nobody. [`TokenError::UnknownKey`] may be no fault of the token: the issuer may have new
/// keys.
pub fn verify(token: &str, keys: &Jwks, rules: &TokenRules) -> Result<Caller, TokenError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(TokenError::Malformed);
    }
    let header = header(token)?;
    let key = key_for(&header, keys).ok_or(TokenError::UnknownKey)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| TokenError::UnknownKey)?;
    let decoded = decode::<Map<String, Value>>(token, &key, &validation(header.alg, rules));
    caller(&decoded.map_err(|error| refused(error.kind()))?.claims, rules)
}

/// What the token says of its signature, as far as it is acceptable.
fn header(token: &str) -> Result<Header, TokenError> {
    let header = decode_header(token).map_err(|error| match error.kind() {
        // `none` and names that nobody knows do not parse.
        ErrorKind::Json(_) | ErrorKind::InvalidAlgorithmName | ErrorKind::UnsupportedAlgorithm => TokenError::Algorithm,
        _ => TokenError::Malformed,
    })?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(TokenError::Algorithm);
    }
    // Extensions that must be understood, and of which none is.
    if header.crit.is_some() { Err(TokenError::Malformed) } else { Ok(header) }
}

/// The key that the token names; where it names none, the only one that fits.
fn key_for<'a>(header: &Header, keys: &'a Jwks) -> Option<&'a Jwk> {
    let mut fitting = keys.0.keys.iter().filter(|key| {
        let named = header.kid.is_none() || key.common.key_id == header.kid;
        named && is_public(key) && signs_with(key, header.alg)
    });
    let first = fitting.next()?;
    fitting.next().is_none().then_some(first)
}

/// Whether it is a public key for signatures.
fn is_public(key: &Jwk) -> bool {
    let kind = matches!(
        key.algorithm,
        AlgorithmParameters::RSA(_) | AlgorithmParameters::EllipticCurve(_) | AlgorithmParameters::OctetKeyPair(_)
    );
    kind && matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature))
}

fn signs_with(key: &Jwk, algorithm: Algorithm) -> bool {
    let kind = matches!(
        (&key.algorithm, algorithm),
        (AlgorithmParameters::RSA(_), Algorithm::RS256 | Algorithm::PS256)
            | (AlgorithmParameters::EllipticCurve(_), Algorithm::ES256)
            | (AlgorithmParameters::OctetKeyPair(_), Algorithm::EdDSA)
    );
    let said = key.common.key_algorithm.map(Algorithm::try_from);
    kind && said.is_none_or(|said| said.is_ok_and(|said| said == algorithm))
}

fn validation(algorithm: Algorithm, rules: &TokenRules) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = rules.leeway_s;
    validation.validate_nbf = true;
    validation.set_issuer(&[&rules.issuer]);
    validation.set_audience(&rules.audience);
    // The library checks what is there; what is not there must not pass.
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation
}

fn refused(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidSignature => TokenError::Signature,
        ErrorKind::ExpiredSignature => TokenError::Expired,
        ErrorKind::ImmatureSignature => TokenError::NotYet,
        ErrorKind::InvalidIssuer => TokenError::Issuer,
        ErrorKind::InvalidAudience => TokenError::Audience,
        ErrorKind::MissingRequiredClaim(claim) | ErrorKind::InvalidClaimFormat(claim) => {
            TokenError::Claim(claim.clone())
        }
        ErrorKind::InvalidAlgorithm => TokenError::Algorithm,
        // A published key of the wrong curve or size.
        ErrorKind::InvalidEcdsaKey
        | ErrorKind::InvalidEddsaKey
        | ErrorKind::InvalidRsaKey(_)
        | ErrorKind::InvalidKeyFormat => TokenError::UnknownKey,
        _ => TokenError::Malformed,
    }
}

fn caller(claims: &Map<String, Value>, rules: &TokenRules) -> Result<Caller, TokenError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    // A list of issuers passes the library; OpenID Connect has one.
    if text("iss") != Some(&rules.issuer) {
        return Err(TokenError::Issuer);
    }
    let id = text("sub").ok_or_else(|| TokenError::Claim("sub".to_owned()))?;
    if !may_be_id(id) {
        return Err(TokenError::Subject);
    }
    let name = NAME_CLAIMS.iter().find_map(|claim| text(claim)).unwrap_or(id);
    let name = name.chars().filter(|c| !c.is_control()).take(MAX_SUBJECT_BYTES).collect();
    Ok(Caller { id: id.to_owned(), name, role: role(claims, rules)?, attributes: attributes(claims, rules)? })
}

/// Whether a subject may be a caller's id. The ids of keys and of the one on the machine itself are taken:
/// what belongs to them must not become somebody else's.
fn may_be_id(subject: &str) -> bool {
    !subject.is_empty()
        && subject.len() <= MAX_SUBJECT_BYTES
        && !subject.chars().any(char::is_control)
        && !subject.starts_with(ID_PREFIX)
        && subject != Caller::local().id
}

/// The highest role that the claim gives.
fn role(claims: &Map<String, Value>, rules: &TokenRules) -> Result<Role, TokenError> {
    let said: BTreeSet<&str> = match claim(claims, &rules.role_claim) {
        Some(Value::String(one)) => BTreeSet::from([one.as_str()]),
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::new(),
    };
    let role_of = |said: &str| if rules.roles.is_empty() { said.parse().ok() } else { rules.roles.get(said).copied() };
    said.into_iter().filter_map(role_of).max().ok_or(TokenError::NoRole)
}

/// The claims that are attributes. One that is there and is no single value is refused rather than left out:
/// a row rule that looks for it would not apply.
fn attributes(claims: &Map<String, Value>, rules: &TokenRules) -> Result<BTreeMap<String, String>, TokenError> {
    let mut found = BTreeMap::new();
    for name in &rules.attribute_claims {
        let value = match claim(claims, name) {
            None | Some(Value::Null) => continue,
            Some(Value::String(text)) => text.clone(),
            Some(Value::Bool(truth)) => truth.to_string(),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Array(_) | Value::Object(_)) => return Err(TokenError::Claim(name.clone())),
        };
        found.insert(name.clone(), value);
    }
    Ok(found)
}

/// The claim called `name`; `a.b` is `b` within `a` where no claim is called so.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(found) = claims.get(name) {
        return Some(found);
    }
    let (first, rest) = name.split_once('.')?;
    claim(claims.get(first)?.as_object()?, rest)
}
