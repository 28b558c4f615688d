//! `waggle health`: whether the service of these settings is ready, for what watches containers. One question over HTTP,
//! said by hand.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;

use super::config::{self, ConfigFlags};
use super::error::CliError;
use super::exit::Exit;
use super::output;

/// Longest time for the answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The question. With HTTP/1.0 the server closes after its answer.
const QUESTION: &[u8] = b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n";
/// What is read of an answer, in bytes.
const MOST_READ: u64 = 64 * 1024;

/// Ask the service whether it is ready; exit code 1 where it is not
#[derive(Debug, Args)]
pub struct HealthArgs {
    #[command(flatten)]
    flags: ConfigFlags,
}

/// Asks.
///
/// # Errors
/// Settings that cannot be used.
pub fn run(args: &HealthArgs) -> Result<Exit, CliError> {
    let address = reachable(config::load(&args.flags)?.serve.listen);
    match asked(address) {
        Ok(answer) if is_ready(&answer) => {
            output::line("ready")?;
            Ok(Exit::Done)
        }
        Ok(answer) => {
            output::note(&output::plain(&format!("not ready: {}", answer.lines().next().unwrap_or_default())));
            Ok(Exit::Error)
        }
        Err(error) => {
            output::note(&format!("{address}: {error}"));
            Ok(Exit::Error)
        }
    }
}

fn asked(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(QUESTION)?;
    let mut answer = Vec::new();
    stream.take(MOST_READ).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn is_ready(answer: &str) -> bool {
    answer.split_whitespace().nth(1) == Some("200")
}

/// An address that stands for all of this machine's is asked on the loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everywhere_is_asked_here() {
        for (listen, asked) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("192.0.2.1:80", "192.0.2.1:80")]
        {
            assert_eq!(reachable(listen.parse().unwrap()), asked.parse().unwrap());
        }
        assert!(is_ready("HTTP/1.1 200 OK\r\n\r\n") && !is_ready("HTTP/1.1 503 Service Unavailable\r\n\r\n"));
        assert!(!is_ready(""));
    }
}
