//! Settings of the service: what outweighs what, and what is refused.

use std::path::Path;
use std::time::Duration;

use waggle::access::Role;
use waggle::access::jwks::JwksSource;
use waggle::app::MAX_REQUEST_BYTES;
use waggle::catalog::Locale;
use waggle::cli::config::{self, ConfigError, ConfigFlags, Settings};
use waggle::engine::EngineConfig;
use waggle::http::MAX_BODY_BYTES;

use crate::reference;

fn read(file: &str, variables: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waggle.toml");
    std::fs::write(&path, file).unwrap();
    let variable = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, text)| (*text).to_owned());
    let flags = flags.iter().fold(ConfigFlags::default(), |all, (flag, text)| all.with(flag, text));
    config::read(Some(&path), &variable, &flags).map_err(|error| {
        assert_ne!(error.message(Locale::Ko), error.message(Locale::En));
        error.to_string().replace(&path.display().to_string(), "waggle.toml")
    })
}

#[test]
fn nothing_said_is_the_defaults_of_the_code() {
    let settings = config::read(None, &|_| None, &ConfigFlags::default()).unwrap();
    let serve = &settings.serve;
    let engine = EngineConfig::default();
    assert_eq!(serve.limits.max_body_bytes, MAX_BODY_BYTES);
    assert_eq!(serve.limits.max_request_bytes, MAX_REQUEST_BYTES);
    assert_eq!((serve.limits.memory_bytes, serve.limits.query_timeout), (engine.memory_bytes, engine.timeout));
    assert!(!serve.auth.on && serve.auth.keys && serve.auth.jwt.is_none() && !serve.is_exposed());
    assert_eq!((serve.listen.to_string().as_str(), serve.min_group), ("127.0.0.1:8080", None));
}

#[test]
fn flags_outweigh_the_environment_and_that_the_file() {
    let file = "listen = '127.0.0.1:1'\nmin_group = 1\nlines_total = 31_400_000\n[limits]\nqueue_length = 1\n";
    let variables = [("WAGGLE_MIN_GROUP", "2"), ("WAGGLE_LIMITS_QUEUE_LENGTH", "2"), ("WAGGLE_DATA", "")];
    let settings = read(file, &variables, &[("limits-queue-length", "3"), ("locale", "ko")]).unwrap();
    let serve = &settings.serve;
    assert_eq!((serve.listen.port(), serve.min_group, serve.limits.queue_length), (1, Some(2), 3));
    assert_eq!((serve.lines_total, serve.locale, &serve.data), (Some(31_400_000), Some(Locale::Ko), &None));
    let shown = settings.lines().join("\n");
    for line in [
        "waggle.toml:1",
        "min_group = 2  # WAGGLE_MIN_GROUP",
        "queue_length = 3  # --limits-queue-length",
        "waggle.toml:3",
        "rate_burst = 120  # default",
    ] {
        assert!(shown.contains(line), "{line} in\n{shown}");
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (file, told) in [
        ("lissten = '127.0.0.1:80'\n", "waggle.toml:1: there is no setting `lissten`; did you mean `listen`?"),
        (
            "\n[limits]\nqueue_lenght = 3\n",
            "waggle.toml:3: there is no setting `limits.queue_lenght`; did you mean `limits.queue_length`?",
        ),
        ("min_group = '5'\n", "waggle.toml:1: `min_group` must be a whole number"),
        ("min_group = -1\n", "waggle.toml:1: `min_group` must be a whole number"),
        ("[limits]\nrequest_timeout_s = 0\n", "from 1 to 1000000, not 0"),
        ("listen = 'localhost'\n", "waggle.toml:1: `listen` must be an address with a port"),
        ("limits = 3\n", "waggle.toml:1: `limits` is a table"),
        ("[auth]\nmode = 'onn'\n", "waggle.toml:2: `auth.mode` must be off or on, not `onn`"),
        ("[auth]\nkeys = 'yes'\n", "waggle.toml:2: `auth.keys` must be true or false"),
        ("[auth.jwt]\nissuer = 'https://id'\n", "without `auth.jwt.audience` and `auth.jwt.jwks`"),
        ("[auth]\nmode = 'on'\nkeys = false\n", "waggle.toml:2: nobody could call"),
        ("[auth.jwt.roles]\ncrm = 'boss'\n", "waggle.toml:2: `auth.jwt.roles` must be texts"),
        (
            "[auth.jwt]\nissuer = 'i'\naudience = 'a'\njwks = 'http://id.example/keys'\n",
            "waggle.toml:4: `auth.jwt.jwks`: keys must come by https",
        ),
        ("[export]\nhash_key = 'short'\n", "waggle.toml:2: `export.hash_key` needs at least 32 characters"),
        ("data = \n", "waggle.toml:1:"),
        ("data = ''\n", "waggle.toml:1: `data` is empty"),
        ("a = 1\na = 2\n", "waggle.toml:2:"),
    ] {
        let error = read(file, &[], &[]).map(|_| ()).unwrap_err();
        assert!(error.contains(told), "{file}\n{error}\n(expected: {told})");
    }
    let error = read("", &[("WAGGLE_MIN_GROUP", "x")], &[("listen", "80")]).map(|_| ()).unwrap_err();
    assert!(error.contains("WAGGLE_MIN_GROUP: ") && error.contains("--listen: "), "all faults at once: {error}");
    let missing = config::read(Some(Path::new("no/such.toml")), &|_| None, &ConfigFlags::default());
    assert!(missing.unwrap_err().to_string().contains("no/such.toml"));
}

#[test]
fn tokens_are_set_up_in_the_file_or_the_environment() {
    let file = "[auth]\nmode = 'on'\n[auth.jwt]\nissuer = 'https://id.example'\naudience = ['waggle', 'crm']\njwks = \
                'https://id.example/keys'\nattribute_claims = ['region']\n[auth.jwt.roles]\ncrm-users = 'marketer'\n\
                'ops = 1' = 'admin'\n";
    let jwt = read(file, &[], &[]).unwrap().serve.auth.jwt.unwrap();
    assert_eq!(jwt.jwks, JwksSource::Url("https://id.example/keys".to_owned()));
    assert_eq!((jwt.rules.audience.len(), jwt.rules.roles["ops = 1"]), (2, Role::Admin));
    let variables = [
        ("WAGGLE_AUTH_JWT_ISSUER", "https://id.example"),
        ("WAGGLE_AUTH_JWT_AUDIENCE", "waggle, crm"),
        ("WAGGLE_AUTH_JWT_JWKS", "https://id.example/keys"),
        ("WAGGLE_AUTH_JWT_ATTRIBUTE_CLAIMS", "region"),
        ("WAGGLE_AUTH_JWT_ROLES", "crm-users=marketer,ops = 1=admin"),
        ("WAGGLE_AUTH_MODE", "on"),
    ];
    assert_eq!(read("", &variables, &[]).unwrap().serve.auth.jwt.unwrap(), jwt);
}

#[test]
fn secrets_come_from_files_and_are_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (key, store) = (folder.path().join("key"), folder.path().join("store"));
    std::fs::write(&key, "0123456789/abcdef0123456789abcdef\n").unwrap();
    std::fs::write(&store, "postgres://w:s3cret@db/waggle\n").unwrap();
    let (key, store) = (key.display().to_string(), store.display().to_string());
    let settings = read("", &[("WAGGLE_STORE_FILE", &store)], &[("export-hash-key-file", &key)]).unwrap();
    assert_eq!(settings.serve.export.hash_key.as_ref().unwrap().expose(), "0123456789/abcdef0123456789abcdef");
    assert_eq!(settings.serve.store.as_ref().unwrap().expose(), "postgres://w:s3cret@db/waggle");
    for shown in [settings.lines().join("\n"), format!("{settings:?}")] {
        assert!(!shown.contains("0123456789"), "{shown}");
    }
    assert!(settings.lines().join("\n").contains("store = \"postgres://w:…@db/waggle\"  # WAGGLE_STORE_FILE"));
    // A flag outweighs a file that the environment names; two at once contradict each other.
    let flag = read("", &[("WAGGLE_STORE_FILE", &store)], &[("store", "x.db")]).unwrap();
    assert_eq!(flag.serve.store.unwrap().expose(), "x.db");
    let both = read("", &[("WAGGLE_STORE_FILE", &store), ("WAGGLE_STORE", "x.db")], &[]).map(|_| ()).unwrap_err();
    assert!(both.contains("only one"), "{both}");
    let gone = read("", &[("WAGGLE_STORE_FILE", "no/such")], &[]).map(|_| ()).unwrap_err();
    assert!(gone.contains("no/such"), "{gone}");
}

#[test]
fn the_example_can_be_used_as_it_is_and_says_the_defaults() {
    let example = config::example().join("\n");
    let plain = read("", &[], &[]).unwrap().serve;
    assert_eq!(read(&example, &[], &[]).unwrap().serve, plain);
    // Every default, uncommented, changes nothing either.
    let said: Vec<&str> =
        example.lines().map(|l| l.strip_prefix('#').filter(|l| !l.starts_with(' ')).unwrap_or(l)).collect();
    let all = said.join("\n");
    let error = read(&all, &[], &[]).map(|_| ()).unwrap_err();
    // The examples are of files and keys that are not there; nothing else is wrong with them.
    let expected = |line: &str| line.contains("only one of them can be meant") || line.contains("it must hold the key");
    assert!(error.lines().skip(1).all(expected), "{error}\n{all}");
    assert_eq!(plain.export.expiry, Duration::from_hours(168));
}

#[test]
fn an_open_service_does_not_start() {
    let home = tempfile::tempdir().unwrap();
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80", "[::ffff:127.0.0.1]:0"] {
        let settings = read("", &[], &[("listen", listen)]).unwrap();
        assert!(settings.serve.is_exposed(), "{listen}");
        assert!(!read("[auth]\nmode = 'on'\n", &[], &[("listen", listen)]).unwrap().serve.is_exposed());
    }
    let run = |args: &[&str]| {
        let output = reference::waggle(home.path()).args(args).current_dir(home.path()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text)
    };
    let (code, text) = run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("--auth-mode on") && text.contains("waggle keys create"), "{text}");
    std::fs::write(home.path().join("waggle.toml"), "mni_group = 1\n").unwrap();
    let (code, text) = run(&["config"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("waggle.toml:1: there is no setting `mni_group`; did you mean `min_group`?"), "{text}");
    let (code, text) = run(&["config", "--example"]);
    assert!(code == Some(0) && text.contains("#queue_length = 256"), "{text}");
    let exposed = ConfigError::Exposed { listen: "0.0.0.0:8080".parse().unwrap() };
    assert!(exposed.message(Locale::Ko).contains("--auth-mode on"));
}
