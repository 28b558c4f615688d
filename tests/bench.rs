//! `waggle bench`: a workload is read and played, every turn is told, and everybody's numbers are equal. Nothing is
//! timed here.

use serde_json::Value;

use crate::reference;

fn bench(args: &[&str]) -> (Option<i32>, String, String) {
    let home = tempfile::tempdir().unwrap();
    let temp = home.path().join("tmp");
    std::fs::create_dir(&temp).unwrap();
    let output = reference::waggle(home.path()).env("TMPDIR", &temp).arg("bench").args(args).output().unwrap();
    let left: Vec<_> = std::fs::read_dir(&temp).unwrap().flatten().map(|file| file.path()).collect();
    assert!(left.is_empty(), "a bench leaves {left:?}");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn has(module: &str) -> bool {
    let python = std::process::Command::new("python3").args(["-c", &format!("import {module}")]).output();
    python.is_ok_and(|done| done.status.success())
}

#[test]
fn every_turn_of_the_workload_is_played_and_told() {
    let others: Vec<&str> = ["duckdb", "polars"].into_iter().filter(|module| has(module)).collect();
    let all = others.join(",");
    let mut args = vec!["--customers", "20000", "--rounds", "1", "--json"];
    if !all.is_empty() {
        args.extend(["--vs", &all]);
    }
    let (code, out, err) = bench(&args);
    assert_eq!(code, Some(0), "{out}{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let turns = report["turns"].as_array().unwrap();
    assert_eq!(turns.len(), 20, "{out}");
    assert_eq!((&report["data"]["customers"], &report["rounds"]), (&Value::from(20_000), &Value::from(1)));
    let contenders = report["contenders"].as_array().unwrap();
    let expected = 2 + if others.contains(&"duckdb") { 3 } else { 0 } + usize::from(others.contains(&"polars"));
    assert!(contenders.len() == expected, "{out}");
    for turn in turns {
        assert!(turn.get("differs").is_none(), "{turn}");
        let times = turn["times"].as_array().unwrap();
        assert!(times.len() == contenders.len() && times.iter().all(|t| t["first"].as_f64() > Some(0.0)), "{turn}");
    }
    let kinds: Vec<&str> = report["summaries"].as_array().unwrap().iter().filter_map(|s| s["kind"].as_str()).collect();
    assert_eq!(kinds, ["fields", "exists", "breakdown", "two_way", "top_n"]);
}

#[test]
fn a_workload_and_data_of_ones_own_are_measured_many_at_once() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("mine.yaml");
    std::fs::write(&file, "- id: mine\n  turns: [여성 고객 몇 명이야, 연령대별로 나눠줘]\n").unwrap();
    let file = file.to_string_lossy();
    let keep = home.path().join("kept").to_string_lossy().into_owned();
    let own = ["--customers", "300", "--keep", &keep, "--workload", &file, "--rounds", "1"];
    let (code, out, err) = bench(&[&own[..], &["--concurrent", "3", "--concurrent-seconds", "0"]].concat());
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("mine 1") && out.contains("mine 2") && out.contains("3 at once"), "{out}");
    // What is kept is found again.
    let (code, out, err) = bench(&[&own[..], &["--markdown"]].concat());
    assert!(code == Some(0) && !err.contains("making"), "{err}");
    assert!(out.contains("300 customers") && out.contains("| 연령대별로 나눠줘 | breakdown | 1 |"), "{out}");
    let (code, out, _) = bench(&["--scale", "0.0002,0.0004", "--workload", &file, "--rounds", "1", "--markdown"]);
    assert!(code == Some(0) && out.contains("| 0.0002 M | 0.0004 M |"), "{out}");
}

#[test]
fn what_cannot_be_measured_is_said() {
    let home = tempfile::tempdir().unwrap();
    let data = reference::few().to_string_lossy().into_owned();
    let file = home.path().join("bad.yaml");
    std::fs::write(&file, "- id: x\n  turns: []\n").unwrap();
    let (code, _, err) = bench(&["--data", &data, "--engine", "sql", "--workload", &file.to_string_lossy()]);
    assert!(code == Some(2) && err.contains("no turn"), "{err}");
    std::fs::write(&file, "- id: x\n  turns: [오늘 날씨 어때]\n").unwrap();
    let own = ["--data", &data, "--engine", "sql", "--rounds", "1"];
    let (code, _, err) = bench(&[&own[..], &["--workload", &file.to_string_lossy()]].concat());
    assert!(code == Some(1) && err.contains("오늘 날씨 어때"), "{err}");
    let (code, _, err) = bench(&[&own[..], &["--vs", "oracle"]].concat());
    assert!(code == Some(2) && err.contains("oracle"), "{err}");
}
