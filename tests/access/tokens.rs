//! Bearer tokens, signed here with keys that are for tests only.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};
use waggle::access::jwks::{Bearer, BearerError, JwksSource};
use waggle::access::token::{Jwks, TokenError, TokenRules, verify};
use waggle::access::{Caller, Role};
use waggle::catalog::Locale;

const RSA: &[u8] = include_bytes!("../support/keys/rsa.der");
const EC: &[u8] = include_bytes!("../support/keys/ec.der");
const ED: &[u8] = include_bytes!("../support/keys/ed.der");

fn signer(algorithm: Algorithm) -> EncodingKey {
    match algorithm {
        Algorithm::ES256 => EncodingKey::from_ec_der(EC),
        Algorithm::EdDSA => EncodingKey::from_ed_der(ED),
        Algorithm::HS256 => EncodingKey::from_secret(b"shared"),
        _ => EncodingKey::from_rsa_der(RSA),
    }
}

fn published(kid: Option<&str>, algorithm: Algorithm) -> Jwk {
    let mut key = Jwk::from_encoding_key(&signer(algorithm), algorithm).unwrap();
    key.common.key_id = kid.map(str::to_owned);
    key
}

fn document(keys: Vec<Jwk>) -> String {
    serde_json::to_string(&JwkSet { keys }).unwrap()
}

fn keys() -> Jwks {
    Jwks::parse(&document(vec![
        published(Some("rs"), Algorithm::RS256),
        published(Some("ps"), Algorithm::PS256),
        published(Some("es"), Algorithm::ES256),
        published(Some("ed"), Algorithm::EdDSA),
    ]))
    .unwrap()
}

fn rules() -> TokenRules {
    let roles = [("crm", Role::Marketer), ("data", Role::Analyst), ("ops", Role::Admin)];
    TokenRules {
        issuer: "https://id.example".to_owned(),
        audience: vec!["waggle".to_owned(), "crm".to_owned()],
        role_claim: "realm.roles".to_owned(),
        roles: roles.map(|(said, role)| (said.to_owned(), role)).into(),
        attribute_claims: vec!["region".to_owned(), "branch".to_owned()],
        leeway_s: 60,
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://id.example", "aud": "waggle", "sub": "u-17", "exp": get_current_timestamp() + 600,
        "name": "김마케터", "realm": { "roles": ["crm", "other"] }, "region": "부산광역시",
    })
}

/// The claims with one of them changed; null takes it away.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => claims.as_object_mut().unwrap().remove(name),
        value => claims.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    claims
}

fn signed(kid: Option<&str>, algorithm: Algorithm, claims: &Value) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, claims, &signer(algorithm)).unwrap()
}

fn verified(claims: &Value) -> Result<Caller, TokenError> {
    verify(&signed(Some("es"), Algorithm::ES256, claims), &keys(), &rules())
}

#[test]
fn a_good_token_is_its_caller() {
    for (kid, algorithm) in
        [("rs", Algorithm::RS256), ("ps", Algorithm::PS256), ("es", Algorithm::ES256), ("ed", Algorithm::EdDSA)]
    {
        let caller = verify(&signed(Some(kid), algorithm, &claims()), &keys(), &rules()).unwrap();
        let attributes = BTreeMap::from([("region".to_owned(), "부산광역시".to_owned())]);
        let expected =
            Caller { id: "u-17".to_owned(), name: "김마케터".to_owned(), role: Role::Marketer, attributes };
        assert_eq!(caller, expected);
        // Without a key's name the only key that fits is meant.
        assert!(verify(&signed(None, algorithm, &claims()), &keys(), &rules()).is_ok());
    }
}

#[test]
fn claims_must_hold() {
    let now = get_current_timestamp();
    let claim = |name: &str| TokenError::Claim(name.to_owned());
    let cases = [
        (with("exp", json!(now - 30)), None),
        (with("exp", json!(now - 120)), Some(TokenError::Expired)),
        (with("exp", Value::Null), Some(claim("exp"))),
        (with("exp", json!("never")), Some(claim("exp"))),
        (with("nbf", json!(now + 30)), None),
        (with("nbf", json!(now + 120)), Some(TokenError::NotYet)),
        (with("iss", json!("https://evil.example")), Some(TokenError::Issuer)),
        (with("iss", json!(["https://id.example", "https://evil.example"])), Some(TokenError::Issuer)),
        (with("iss", Value::Null), Some(claim("iss"))),
        (with("aud", json!(["other", "crm"])), None),
        (with("aud", json!(["other"])), Some(TokenError::Audience)),
        (with("aud", json!([])), Some(TokenError::Audience)),
        (with("aud", Value::Null), Some(claim("aud"))),
        (with("sub", Value::Null), Some(claim("sub"))),
        (with("sub", json!(17)), Some(claim("sub"))),
        (with("sub", json!("")), Some(TokenError::Subject)),
        (with("sub", json!("local")), Some(TokenError::Subject)),
        (with("sub", json!("key_abc")), Some(TokenError::Subject)),
        (with("sub", json!("a\nb")), Some(TokenError::Subject)),
        (with("sub", json!("x".repeat(256))), Some(TokenError::Subject)),
        (with("region", json!(["부산광역시", "서울특별시"])), Some(claim("region"))),
        (with("region", Value::Null), None),
    ];
    for (claims, refused) in cases {
        assert_eq!(verified(&claims).err(), refused, "{claims}");
    }
}

#[test]
fn the_highest_role_that_is_mapped_is_given_and_none_is_refused() {
    let role = |roles: Value| verified(&with("realm", json!({ "roles": roles }))).map(|caller| caller.role);
    assert_eq!(role(json!(["crm", "ops", "data"])), Ok(Role::Admin));
    assert_eq!(role(json!("data")), Ok(Role::Analyst));
    for none in [json!(["admin"]), json!("crm ops"), json!([]), json!({ "crm": true }), json!(1), Value::Null] {
        assert_eq!(role(none), Err(TokenError::NoRole));
    }
    assert_eq!(verified(&with("realm", json!("crm"))).err(), Some(TokenError::NoRole));
    let own = TokenRules { roles: BTreeMap::new(), ..rules() };
    let token = signed(Some("es"), Algorithm::ES256, &with("realm.roles", json!("analyst")));
    assert_eq!(verify(&token, &keys(), &own).map(|caller| caller.role), Ok(Role::Analyst));
}

#[test]
fn signatures_that_prove_nothing_are_refused() {
    let refused = |token: &str| verify(token, &keys(), &rules()).unwrap_err();
    let good = signed(Some("es"), Algorithm::ES256, &claims());
    let parts: Vec<&str> = good.split('.').collect();
    let other = signed(Some("es"), Algorithm::ES256, &with("sub", json!("u-18")));
    let swapped = format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap(), parts[2]);
    assert_eq!(refused(&swapped), TokenError::Signature);
    assert_eq!(refused(&signed(Some("es"), Algorithm::HS256, &claims())), TokenError::Algorithm);
    // The algorithm of another key, and a key that nobody publishes.
    assert_eq!(refused(&signed(Some("es"), Algorithm::RS256, &claims())), TokenError::UnknownKey);
    assert_eq!(refused(&signed(Some("zz"), Algorithm::ES256, &claims())), TokenError::UnknownKey);
    // {"alg":"none"} and {"alg":"none","kid":"es"}, unsigned.
    for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJub25lIiwia2lkIjoiZXMifQ"] {
        assert_eq!(refused(&format!("{header}.{}.", parts[1])), TokenError::Algorithm);
        assert_eq!(refused(&format!("{header}.{}.{}", parts[1], parts[2])), TokenError::Algorithm);
    }
    for text in ["", ".", "..", "a.b.c", "wgl_abc", &parts[..2].join("."), &"a.".repeat(20_000)] {
        let error = refused(text);
        assert!(matches!(error, TokenError::Malformed | TokenError::Algorithm), "{error:?}");
    }
    for error in [refused(&swapped), refused("a.b.c")] {
        assert!(!error.message(Locale::En).contains(parts[1]) && error.message(Locale::Ko) != error.to_string());
    }
}

#[test]
fn keys_for_other_things_verify_nothing() {
    let hmac = json!({ "keys": [{ "kty": "oct", "k": "c2hhcmVk", "kid": "es" }] }).to_string();
    assert!(Jwks::parse(&hmac).is_err());
    for text in ["", "{}", "[]", r#"{"keys": []}"#, r#"{"keys": [{"kty": "x"}]}"#] {
        assert!(Jwks::parse(text).is_err(), "{text}");
    }
    let mut sealing = published(Some("es"), Algorithm::ES256);
    sealing.common.public_key_use = Some(jsonwebtoken::jwk::PublicKeyUse::Encryption);
    let set = Jwks::parse(&document(vec![sealing, published(Some("rs"), Algorithm::RS256)])).unwrap();
    let token = signed(Some("es"), Algorithm::ES256, &claims());
    assert_eq!(verify(&token, &set, &rules()), Err(TokenError::UnknownKey));
}

/// Serves one document after another, the last for ever, and counts.
fn issuer(documents: Vec<String>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let body = &documents[count.fetch_add(1, Ordering::SeqCst).min(documents.len() - 1)];
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    (format!("http://{address}/keys"), asked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_keys_of_the_issuer_are_found_and_it_is_not_asked_too_often() {
    let old = document(vec![published(Some("rs"), Algorithm::RS256)]);
    let new = document(vec![published(Some("es"), Algorithm::ES256)]);
    let (url, asked) = issuer(vec![old, new]);
    let bearer = Bearer::new(rules(), url.parse().unwrap()).with_least_interval(Duration::from_millis(300));
    let (before, after) =
        (signed(Some("rs"), Algorithm::RS256, &claims()), signed(Some("es"), Algorithm::ES256, &claims()));
    bearer.ready().await.unwrap();
    assert!(bearer.verify(&before).await.is_ok());
    // Too soon: however many come, the issuer is left alone.
    for _ in 0..5 {
        assert_eq!(bearer.verify(&after).await, Err(BearerError::Token(TokenError::UnknownKey)));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert!(bearer.verify(&after).await.is_ok());
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_not_the_tokens_fault() {
    let token = signed(Some("es"), Algorithm::ES256, &claims());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    let bearer = Bearer::new(rules(), JwksSource::File(file.clone())).with_least_interval(Duration::ZERO);
    let error = bearer.verify(&token).await.unwrap_err();
    assert!(matches!(&error, BearerError::Keys(e) if e.to_string().contains("jwks.json")));
    assert!(!error.message(Locale::En).contains("jwks.json"), "a caller need not know");
    std::fs::write(&file, document(vec![published(Some("es"), Algorithm::ES256)])).unwrap();
    assert!(bearer.verify(&token).await.is_ok());
    // What is known stays good while the file is away.
    std::fs::remove_file(&file).unwrap();
    assert!(bearer.verify(&token).await.is_ok());
    let stranger = signed(Some("rs"), Algorithm::RS256, &claims());
    assert_eq!(bearer.verify(&stranger).await, Err(BearerError::Token(TokenError::UnknownKey)));
}
