//! Days named by their number in a month: March 3, the 3rd of March, 3/15, between 1 and 15 March, 3월 1일~15일.

use chrono::{Datelike, NaiveDate};

use super::{Period, Reader};
use crate::translate::grammar::language::Class;
use crate::translate::grammar::lexicon::Sense;

/// A day of a month, whether 일 was said after it, and one past its last token.
type Day = (u32, bool, usize);

impl Reader<'_> {
    /// March 3, March 1 to 15, 3월 1일, 3월 1~15일; the year is `year`, the one said after it, or the last one that
    /// had such a month.
    pub(super) fn month_then_days(&self, at: usize, year: Option<i32>) -> Option<(Period, usize)> {
        let (month, next) = self.month_number(at)?;
        let korean = self.surface(next - 1) == "월";
        let (first, mut said, mut end) = self.day(next)?;
        let mut last = first;
        if let Some((day, also, after)) = self.joined_day(end) {
            (last, said, end) = (day, said || also, after);
        }
        if korean && !said || !korean && self.counts_something(end) {
            return None;
        }
        let (year, end) = year.map_or_else(|| self.year_after(end, month), |y| (y, end));
        Some((span(year, month, first, last)?, end))
    }

    /// 3 March 2024, the 3rd of March, 1 to 15 March.
    pub(super) fn days_then_month(&self, at: usize) -> Option<(Period, usize)> {
        let at = at + usize::from(self.surface(at) == "the");
        let (first, _, mut end) = self.day(at)?;
        let mut last = first;
        if let Some((day, _, after)) = self.joined_day(end) {
            (last, end) = (day, after);
        }
        end += usize::from(self.surface(end) == "of");
        let month = self.tokens.get(end)?.meanings.iter().find_map(|m| match m.sense {
            Sense::Month(month) => Some(month),
            _ => None,
        })?;
        let (year, end) = self.year_after(end + 1, month);
        Some((span(year, month, first, last)?, end))
    }

    /// 3/15, where nothing is counted by it.
    pub(super) fn slashed(&self, at: usize) -> Option<(Period, usize)> {
        let (first, _, _) = self.day(at)?;
        let (second, _, end) = self.day(at + 2)?;
        // 30/06: the day stands first where it can be no month.
        let (month, day) = if first > 12 { (second, first) } else { (first, second) };
        let close = |i: usize| self.tokens[i].to == self.tokens[i + 1].from;
        let plain = self.surface(at + 1) == "/" && close(at) && close(at + 1);
        if let Some((year, Some(4))) = self.number(end + 1).filter(|_| plain && self.surface(end) == "/") {
            let year = (1950..=2100).find(|y| f64::from(*y) == year)?;
            return Some((span(year, month, day, day)?, end + 2));
        }
        if !plain || self.surface(end) == "/" || self.counts_something(end) {
            return None;
        }
        let (year, end) = self.year_after(end, month);
        Some((span(year, month, day, day)?, end))
    }

    /// A day that closes a span within the month of `first`: 15일까지 after 3월 1일부터.
    pub(super) fn day_of(&self, at: usize, first: Period) -> Option<(Period, usize)> {
        let (day, said, end) = self.day(at)?;
        let one_day = first.first == first.last;
        let period = span(first.first.year(), first.first.month(), day, day)?;
        (said && one_day).then_some((period, end))
    }

    fn joined_day(&self, at: usize) -> Option<Day> {
        let joins = self.is(at, Class::Until)
            || self.is(at, Class::Tilde)
            || self.is(at, Class::From)
            || matches!(self.surface(at).as_str(), "and" | "에서");
        self.day(at + 1).filter(|_| joins)
    }

    fn day(&self, at: usize) -> Option<Day> {
        let surface = self.surface(at);
        let ordinal = [Class::First, Class::Second, Class::Third, Class::Fourth].iter().any(|c| self.is(at, *c));
        let value = match self.number(at) {
            Some((value, Some(1..=2))) => value,
            None if ordinal => surface.chars().next()?.to_digit(10).map(f64::from)?,
            _ => return None,
        };
        let day = (1..=31).find(|d| f64::from(*d) == value)?;
        let end = at + 1 + usize::from(self.is(at + 1, Class::Ordinal));
        let said = self.surface(end) == "일";
        Some((day, said, end + usize::from(said)))
    }

    /// Whether the number before `at` counts something: 5 times, 30대.
    fn counts_something(&self, at: usize) -> bool {
        self.time(at).is_some()
            || [Class::Times, Class::Counter, Class::Decade, Class::Percent].iter().any(|c| self.is(at, *c))
            || self.tokens.get(at).is_some_and(|t| t.meanings.iter().any(|m| matches!(m.sense, Sense::Unit(_))))
    }

    /// The year said at `at`, after a comma perhaps; else the last one that had `month`.
    fn year_after(&self, at: usize, month: u32) -> (i32, usize) {
        let comma = usize::from(self.surface(at) == ",");
        if let Some((year, Some(4))) = self.number(at + comma)
            && let Some(year) = (1950..=2100).find(|y| f64::from(*y) == year)
        {
            return (year, at + comma + 1);
        }
        (self.as_of.year() - i32::from(month > self.as_of.month()), at)
    }
}

fn span(year: i32, month: u32, first: u32, last: u32) -> Option<Period> {
    let day = |d| NaiveDate::from_ymd_opt(year, month, d);
    let (first, last) = (day(first)?, day(last)?);
    (first <= last).then_some(Period { first, last, month: None, sure: true })
}
