//! The reference data.
#[test]
#[ignore = "speed: run by hand"]
fn speed() {
    let t = std::time::Instant::now();
    let shapes = match waggle::generate::Shapes::load(std::path::Path::new("schema/telco/shapes")) { Ok(s) => s, Err(e) => panic!("{e}") };
    eprintln!("load {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let out = std::path::Path::new("/work/tgt/generate/data");
    let s = waggle::generate::run(&shapes, 200_000, 42, out, &|_| ()).unwrap();
    let e = t.elapsed();
    eprintln!("{e:?} {} lines/s {s:?}", 200_000.0 / e.as_secs_f64());
}
