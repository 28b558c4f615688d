//! Spans of days: 최근 30일, 2022년 하반기, 올해 들어, since March, Q1 2024, between March and May 2023.
//!
//! Everything is counted from the data's as-of date, never from today's.

mod days;

use chrono::{Datelike, Days, NaiveDate};

use super::language::{Class, Measure};
use super::lattice::Token;
use super::lexicon::Sense;
use super::text::Text;
use crate::segment::DateSpec;

/// A span of days, open where a bound is missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Dates {
    /// First day.
    pub(super) low: Option<DateSpec>,
    /// Last day.
    pub(super) high: Option<DateSpec>,
    /// For "the last N days": how many.
    pub(super) window: Option<u32>,
    /// For a month said without a year: which.
    pub(super) month: Option<u32>,
}

/// Reads the span that starts at token `at`: the span and one past its last token. A bare year or month is one
/// only in a list of dates (`listed`).
pub(super) fn read(tokens: &[Token], text: &Text, at: usize, as_of: NaiveDate, listed: bool) -> Option<(Dates, usize)> {
    let reader = Reader { tokens, text, as_of, listed };
    reader.relative(at).or_else(|| reader.bounded(at))
}

struct Reader<'a> {
    tokens: &'a [Token],
    text: &'a Text,
    as_of: NaiveDate,
    listed: bool,
}

/// A calendar period: first and last day.
#[derive(Debug, Clone, Copy)]
struct Period {
    first: NaiveDate,
    last: NaiveDate,
    month: Option<u32>,
    /// Named by a year: what follows may narrow it.
    sure: bool,
}

impl Reader<'_> {
    fn is(&self, at: usize, class: Class) -> bool {
        self.tokens.get(at).is_some_and(|t| t.is(class))
    }

    fn surface(&self, at: usize) -> String {
        self.tokens.get(at).map_or(String::new(), |t| self.text.chars[t.from..t.to].iter().collect())
    }

    fn number(&self, at: usize) -> Option<(f64, Option<usize>)> {
        self.tokens.get(at)?.meanings.iter().find_map(|m| match m.sense {
            Sense::Number(n) => Some((n.value, n.digits)),
            _ => None,
        })
    }

    fn time(&self, at: usize) -> Option<Measure> {
        self.tokens.get(at)?.meanings.iter().find_map(|m| match m.sense {
            Sense::Time(measure) => Some(measure),
            _ => None,
        })
    }

    /// 최근 30일, the last two weeks, 지난 석 달 동안.
    fn relative(&self, at: usize) -> Option<(Dates, usize)> {
        if !self.is(at, Class::Recent) {
            return None;
        }
        let mut next = at + 1;
        let (count, measure) = if let Some(Sense::Amount(value, measure)) = self
            .tokens
            .get(next)
            .and_then(|t| t.meanings.iter().map(|m| &m.sense).find(|s| matches!(s, Sense::Amount(..))))
        {
            (*value, *measure)
        } else if let (Some((count, _)), Some(measure)) = (self.number(next), self.time(next + 1)) {
            next += 1;
            (count, measure)
        } else {
            // "the past month"
            (1.0, self.time(next)?)
        };
        if self.surface(next) == "월" {
            return None;
        }
        next += 1;
        let dates = self.before_as_of(count, measure)?;
        while self.is(next, Class::Within) || (self.surface(next) == "에" && self.is(next, Class::Particle)) {
            next += 1;
        }
        Some((dates, next))
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 100,000")]
    fn before_as_of(&self, count: f64, measure: Measure) -> Option<Dates> {
        if !(0.0..100_000.0).contains(&count) {
            return None;
        }
        let n = count as u32;
        let (low, window) = match measure {
            Measure::Day => (DateSpec::DaysBefore(n), n),
            Measure::Week => (DateSpec::DaysBefore(n * 7), n * 7),
            Measure::Month => (DateSpec::MonthsBefore(n), n * 30),
            Measure::Year => (DateSpec::MonthsBefore(n * 12), n * 365),
            _ => return None,
        };
        Some(Dates { low: Some(low), window: Some(window), ..Dates::default() })
    }

    /// A period, and what stands around it: since, before, from … to ….
    fn bounded(&self, at: usize) -> Option<(Dates, usize)> {
        let open_before = self.is(at, Class::Since) || self.is(at, Class::Before) || self.is(at, Class::Between);
        let start = if open_before || self.is(at, Class::From) || self.is(at, Class::Within) { at + 1 } else { at };
        let start = start + usize::from(start > at && self.surface(start) == "the");
        let (period, mut next) = self.period(start)?;
        let lead = (start > at).then(|| self.surface(at));
        // A bare month name or year needs something around it to be a date at all.
        if !period.sure && start == at && !self.listed && !self.has_tail(next) {
            return None;
        }
        let on = |day: NaiveDate| Some(DateSpec::On(day));
        if let Some((second, end)) = self.second(next, Some(period)) {
            let mut end = end;
            while self.is(end, Class::Until) || self.is(end, Class::Between) {
                end += 1;
            }
            let yearless = period.month.is_some() && (period.first > second.first || second.month.is_none());
            let first = if yearless {
                period.first.with_year(second.first.year()).unwrap_or(period.first)
            } else {
                period.first
            };
            return Some((Dates { low: on(first), high: on(second.last), ..Dates::default() }, end));
        }
        let mut dates = Dates { low: on(period.first), high: on(period.last), window: None, month: period.month };
        let tail = self.surface(next);
        if self.is(next, Class::Since) && start == at && !tail.is_empty() {
            dates = Dates { low: on(period.first), ..Dates::default() };
            next += 1;
        } else if self.is(next, Class::Before) && start == at && !matches!(tail.as_str(), "by" | "until") {
            let until = tail.contains("까지") && !tail.contains("전까지");
            dates = self.until(period, until);
            next += 1;
        } else if self.is(next, Class::Until) && start == at {
            dates = self.until(period, true);
            next += 1;
        } else if let Some(lead) = lead {
            if lead == "after" {
                dates = Dates { low: period.last.checked_add_days(Days::new(1)).map(DateSpec::On), ..Dates::default() };
            } else if self.is(at, Class::Before) {
                dates = self.until(period, matches!(lead.as_str(), "by" | "until" | "on or before"));
            } else if self.is(at, Class::Since) {
                dates = Dates { low: on(period.first), ..Dates::default() };
            }
        }
        while self.is(next, Class::Within)
            && self.surface(next) != "중"
            && self.tokens[next].from > 0
            && !latin(&self.surface(next))
        {
            next += 1;
        }
        Some((dates, next))
    }

    fn until(&self, period: Period, inclusive: bool) -> Dates {
        let high = if inclusive { Some(period.last) } else { period.first.pred_opt() };
        Dates { high: high.map(DateSpec::On), ..Dates::default() }
    }

    fn has_tail(&self, at: usize) -> bool {
        self.is(at, Class::Since)
            || self.is(at, Class::Before)
            || self.is(at, Class::Until)
            || self.second(at, None).is_some()
    }

    /// The second end of a range: ~ 2023년 5월, to May.
    fn second(&self, at: usize, first: Option<Period>) -> Option<(Period, usize)> {
        let joins = self.is(at, Class::Tilde)
            || self.is(at, Class::Until)
            || self.is(at, Class::From)
            || self.is(at, Class::Since)
            || self.surface(at) == "에서"
            || self.surface(at) == "and";
        if !joins {
            return None;
        }
        let next = at + 1;
        let day = || first.and_then(|first| self.day_of(next, first));
        self.period(next).filter(|(p, _)| p.sure || p.month.is_some()).or_else(day)
    }

    /// A calendar period at `at`.
    fn period(&self, at: usize) -> Option<(Period, usize)> {
        let year = self.as_of.year();
        let named = |class| self.is(at, class);
        if named(Class::ThisYear) {
            return Some(self.within_year(year, at + 1));
        }
        if named(Class::LastYear) {
            return Some(self.within_year(year - 1, at + 1));
        }
        if named(Class::YearBeforeLast) {
            return Some(self.within_year(year - 2, at + 1));
        }
        if named(Class::ThisMonth) || named(Class::LastMonth) {
            let this = self.as_of.with_day(1)?;
            let first = if named(Class::ThisMonth) { this } else { this.pred_opt()?.with_day(1)? };
            return Some((month_of(first.year(), first.month(), true)?, at + 1));
        }
        if named(Class::ThisWeek) || named(Class::LastWeek) {
            let back =
                u64::from(self.as_of.weekday().num_days_from_monday()) + if named(Class::LastWeek) { 7 } else { 0 };
            let first = self.as_of.checked_sub_days(Days::new(back))?;
            let last = first.checked_add_days(Days::new(6))?;
            return Some((Period { first, last, month: None, sure: true }, at + 1));
        }
        if named(Class::Today) || named(Class::Yesterday) {
            let day = if named(Class::Today) { self.as_of } else { self.as_of.pred_opt()? };
            return Some((Period { first: day, last: day, month: None, sure: true }, at + 1));
        }
        self.year_first(at)
            .or_else(|| self.part_first(at))
            .or_else(|| self.month_first(at))
            .or_else(|| self.days_then_month(at))
            .or_else(|| self.slashed(at))
    }

    /// 2023년 …, 23년 …, 2023-04-01, 2022.
    fn year_first(&self, at: usize) -> Option<(Period, usize)> {
        let (value, digits) = self.number(at)?;
        #[allow(clippy::cast_possible_truncation, reason = "checked to be a year")]
        let whole = if (0.0..=2100.0).contains(&value) { value as i32 } else { return None };
        let full = digits == Some(4) && (1950..=2100).contains(&whole);
        let korean = self.surface(at + 1) == "년" || self.surface(at + 1) == "년도";
        if korean && (full || (digits == Some(2) && !self.compared(at + 2))) {
            let century = if whole <= self.as_of.year() % 100 + 1 { 2000 } else { 1900 };
            let year = if full { whole } else { century + whole };
            return Some(self.within_year(year, at + 2));
        }
        if !full {
            return None;
        }
        // 2023-04-01, 2023.4, 2023/04
        if matches!(self.surface(at + 1).as_str(), "-" | "." | "/" | "~")
            && let Some((month, Some(1..=2))) = self.number(at + 2)
            && (1.0..=12.0).contains(&month)
            && self.tokens[at + 1].to == self.tokens[at + 2].from
        {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a month")]
            let month = month as u32;
            if matches!(self.surface(at + 3).as_str(), "-" | "." | "/")
                && let Some((day, Some(1..=2))) = self.number(at + 4)
            {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from_ymd_opt checks it")]
                let day = NaiveDate::from_ymd_opt(whole, month, day as u32)?;
                return Some((Period { first: day, last: day, month: None, sure: true }, at + 5));
            }
            return Some((month_of(whole, month, true)?, at + 3));
        }
        let (mut period, end) = self.within_year(whole, at + 1);
        period.sure = false;
        Some((period, end))
    }

    /// Whether a comparison follows: "10년 이상" is an amount, not the year 2010.
    fn compared(&self, at: usize) -> bool {
        use Class::{Ge, Gt, Le, Lt, Within};
        [Ge, Gt, Le, Lt].iter().any(|c| self.is(at, *c) && !self.is(at, Class::Since))
            || (self.is(at, Within) && self.surface(at) == "간")
    }

    /// What narrows a year: 3월, 3월 5일, 상반기, 1분기.
    fn within_year(&self, year: i32, at: usize) -> (Period, usize) {
        let at = at + usize::from(self.surface(at) == "의");
        let half = |first: u32, last: u32| period_of(year, first, last);
        if self.is(at, Class::Half1) {
            return (half(1, 6), at + 1);
        }
        if self.is(at, Class::Half2) {
            return (half(7, 12), at + 1);
        }
        if let Some((q, _)) = self.number(at).filter(|_| self.is(at + 1, Class::Quarter))
            && let Some(q) = [1_u32, 2, 3, 4].into_iter().find(|n| f64::from(*n) == q)
        {
            return (half(q * 3 - 2, q * 3), at + 2);
        }
        if let Some(days) = self.month_then_days(at, Some(year)) {
            return days;
        }
        if let Some((month, end)) = self.month_number(at)
            && let Some(period) = month_of(year, month, true)
        {
            return (Period { month: None, ..period }, end);
        }
        (half(1, 12), at)
    }

    /// 4월, or April.
    fn month_number(&self, at: usize) -> Option<(u32, usize)> {
        let token = self.tokens.get(at)?;
        if let Some(month) =
            token.meanings.iter().find_map(|m| if let Sense::Month(month) = m.sense { Some(month) } else { None })
        {
            return Some((month, at + 1));
        }
        let (value, _) = self.number(at)?;
        let month = (1..=12).find(|m| f64::from(*m) == value)?;
        (self.surface(at + 1) == "월").then_some((month, at + 2))
    }

    /// Q1 2024, first half of 2022, 상반기, 1분기: of the as-of year where none is named.
    fn part_first(&self, at: usize) -> Option<(Period, usize)> {
        let parts = [
            (Class::Half1, 1, 6),
            (Class::Half2, 7, 12),
            (Class::Quarter1, 1, 3),
            (Class::Quarter2, 4, 6),
            (Class::Quarter3, 7, 9),
            (Class::Quarter4, 10, 12),
        ];
        let (first, last, next) = if let Some((_, first, last)) = parts.into_iter().find(|(c, _, _)| self.is(at, *c)) {
            (first, last, at + 1)
        } else {
            let (q, _) = self.number(at).filter(|_| self.is(at + 1, Class::Quarter))?;
            let q = [1_u32, 2, 3, 4].into_iter().find(|n| f64::from(*n) == q)?;
            (q * 3 - 2, q * 3, at + 2)
        };
        let mut year = self.as_of.year();
        let mut next = next + usize::from(matches!(self.surface(next).as_str(), "of" | "in" | "the"));
        if let Some((value, Some(4))) = self.number(next) {
            #[allow(clippy::cast_possible_truncation, reason = "four digits")]
            let named = value as i32;
            year = named;
            next += 1;
        } else if self.is(next, Class::LastYear) {
            year -= 1;
            next += 1;
        } else if self.is(next, Class::ThisYear) {
            next += 1;
        }
        Some((Period { sure: true, ..period_of(year, first, last) }, next))
    }

    /// March 2022, 4월, 4월 5일: the last such month where no year is named.
    fn month_first(&self, at: usize) -> Option<(Period, usize)> {
        if let Some(days) = self.month_then_days(at, None) {
            return Some(days);
        }
        let (month, next) = self.month_number(at)?;
        let korean = self.surface(next - 1) == "월";
        let skip = usize::from(self.surface(next) == "of");
        if let Some((year, Some(4))) = self.number(next + skip) {
            #[allow(clippy::cast_possible_truncation, reason = "four digits")]
            return Some((month_of(year as i32, month, true)?, next + skip + 1));
        }
        let mut year = self.as_of.year();
        if month > self.as_of.month() {
            year -= 1;
        }
        let mut period = month_of(year, month, korean)?;
        period.month = Some(month);
        Some((period, next))
    }
}

fn latin(word: &str) -> bool {
    word.is_ascii()
}

fn period_of(year: i32, first: u32, last: u32) -> Period {
    let start = NaiveDate::from_ymd_opt(year, first, 1).unwrap_or(NaiveDate::MIN);
    let end = month_of(year, last, true).map_or(start, |p| p.last);
    Period { first: start, last: end, month: None, sure: true }
}

fn month_of(year: i32, month: u32, sure: bool) -> Option<Period> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    let next = if month == 12 {
        NaiveDate::from_ymd_opt(year + 1, 1, 1)?
    } else {
        NaiveDate::from_ymd_opt(year, month + 1, 1)?
    };
    Some(Period { first, last: next.pred_opt()?, month: None, sure })
}
