//! Golden sets: what a translator is held to. A set is conversation files, CSV files of single questions, what people's
//! feedback was approved as, or any of these together; whatever it came from, it is conversations.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::file::{self, Conversation, FileError, GoldTurn};
use super::stats::Dice;
use crate::app::language;
use crate::catalog::{Catalog, Locale};
use crate::engine::{csv_rows, sha256};
use crate::segment::{Expr, check, text};
use crate::sql;
use crate::store::FeedbackRow;

/// The set of what was approved of people's feedback.
pub const FEEDBACK: &str = "feedback";
/// What separates several tags or groups in a cell.
const SEPARATOR: char = ';';

/// A golden set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GoldenSet {
    /// What it is called.
    pub name: String,
    /// Its conversations.
    pub conversations: Vec<Conversation>,
}

/// A set of a folder, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SetInfo {
    /// What it is called.
    pub name: String,
    /// Its conversations; none where it cannot be read.
    pub conversations: Option<usize>,
    /// Its turns.
    pub turns: Option<usize>,
    /// Why it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

impl GoldenSet {
    /// Reads files, and folders of them, into one set: `.csv`, and conversation files.
    ///
    /// # Errors
    /// Where a file cannot be read or is not in the format.
    pub fn read(paths: &[PathBuf], catalog: &Catalog) -> Result<Self, FileError> {
        let names: Vec<String> = paths.iter().map(|path| stem(path)).collect();
        let mut conversations = Vec::new();
        for path in paths {
            conversations.extend(read(path, catalog)?);
        }
        Ok(Self::of(&names.join("+"), conversations))
    }

    /// A set of these conversations; of several with one id the later ones get a number.
    #[must_use]
    pub fn of(name: &str, mut conversations: Vec<Conversation>) -> Self {
        let mut seen = BTreeMap::<String, usize>::new();
        for conversation in &mut conversations {
            let times = seen.entry(conversation.id.clone()).or_default();
            *times += 1;
            if *times > 1 {
                conversation.id = format!("{}~{times}", conversation.id);
            }
        }
        Self { name: name.to_owned(), conversations }
    }

    /// What was approved of people's feedback. What cannot be read with this catalog is left out, and said.
    #[must_use]
    pub fn of_feedback(rows: &[FeedbackRow], catalog: &Catalog) -> (Self, Vec<String>) {
        let (mut conversations, mut faults) = (Vec::new(), Vec::new());
        for row in rows {
            match approved(row, catalog) {
                Ok(conversation) => conversations.push(conversation),
                Err(why) => faults.push(format!("{}: {why}", row.id)),
            }
        }
        (Self::of(FEEDBACK, conversations), faults)
    }

    /// What tells this set from another: a hash of all that is asked and all that is right.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256(serde_json::to_string(&self.conversations).unwrap_or_default().as_bytes())
    }

    /// How it is listed.
    #[must_use]
    pub fn info(&self) -> SetInfo {
        let turns = self.conversations.iter().map(|c| c.turns.len()).sum();
        SetInfo {
            name: self.name.clone(),
            conversations: Some(self.conversations.len()),
            turns: Some(turns),
            fault: None,
        }
    }

    /// `n` whole conversations by a seed, as many of each language and first tag as in the set (largest remainders); the
    /// same for every translator. They stay in order.
    #[must_use]
    pub fn sample(self, n: usize, seed: u64) -> Self {
        let all = self.conversations.len();
        if n >= all {
            return self;
        }
        let mut strata = BTreeMap::<(String, String), Vec<usize>>::new();
        for (i, c) in self.conversations.iter().enumerate() {
            strata.entry((c.lang.clone(), c.tags.first().cloned().unwrap_or_default())).or_default().push(i);
        }
        let mut dice = Dice::new(seed);
        // The whole part of each stratum's share, then the largest remainders; equal ones in a random order.
        let mut strata: Vec<Vec<usize>> = strata.into_values().collect();
        for stratum in &mut strata {
            dice.shuffle(stratum);
        }
        dice.shuffle(&mut strata);
        let mut takes: Vec<(usize, usize)> = strata.iter().map(|s| (s.len() * n / all, s.len() * n % all)).collect();
        let mut order: Vec<usize> = (0..strata.len()).collect();
        order.sort_by_key(|i| std::cmp::Reverse(takes[*i].1));
        let missing = n - takes.iter().map(|t| t.0).sum::<usize>();
        for i in order.into_iter().take(missing) {
            takes[i].0 += 1;
        }
        let chosen: BTreeSet<usize> =
            strata.iter().zip(&takes).flat_map(|(s, t)| s.iter().take(t.0).copied()).collect();
        let kept = self.conversations.into_iter().enumerate().filter(|(i, _)| chosen.contains(i));
        Self { name: self.name, conversations: kept.map(|(_, c)| c).collect() }
    }

    /// The set as a conversation file.
    ///
    /// # Errors
    /// Where it cannot be written as YAML.
    pub fn to_yaml(&self) -> Result<String, String> {
        // Long lines stay as they are: a folded one is hard to compare.
        let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
        serde_saphyr::to_string_with_options(&self.conversations, options).map_err(|e| e.to_string())
    }
}

/// The sets of a folder: a set a file, called as the file without its ending; a folder is a set too.
#[must_use]
pub fn of_folder(folder: &Path) -> BTreeMap<String, PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let is_set = |path: &PathBuf| {
        let known = |ending: &str| ["yaml", "yml", "csv"].contains(&ending);
        path.is_dir() || path.extension().and_then(|e| e.to_str()).is_some_and(known)
    };
    paths.filter(is_set).map(|path| (stem(&path), path)).collect()
}

/// How the sets of a folder are listed.
#[must_use]
pub fn list(folder: &Path, catalog: &Catalog) -> Vec<SetInfo> {
    let info = |(name, path): (String, PathBuf)| match GoldenSet::read(&[path], catalog) {
        Ok(set) => set.info(),
        Err(error) => SetInfo { name, conversations: None, turns: None, fault: Some(error.to_string()) },
    };
    of_folder(folder).into_iter().map(info).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| path.display().to_string(), |s| s.to_string_lossy().into_owned())
}

fn read(path: &Path, catalog: &Catalog) -> Result<Vec<Conversation>, FileError> {
    if path.extension().is_none_or(|ending| ending != "csv") {
        return file::read(path);
    }
    let bytes = std::fs::read(path).map_err(|source| FileError::Read { path: path.into(), source })?;
    of_csv(&bytes, catalog).map_err(|message| FileError::Format { path: path.into(), message })
}

/// Conversations of a CSV file with the columns `question` and `segment` or `sql`, and maybe `id`, `lang`, `tags`,
/// `breakdown` and `expect`. Rows that follow each other with one id are turns of one conversation.
fn of_csv(bytes: &[u8], catalog: &Catalog) -> Result<Vec<Conversation>, String> {
    let (head, rows) = csv_rows(bytes).map_err(|e| e.message(Locale::En))?;
    let at = |name: &str| head.iter().position(|h| h.trim().eq_ignore_ascii_case(name));
    let (Some(question), true) = (at("question"), at("segment").is_some() || at("sql").is_some()) else {
        return Err("the columns `question` and `segment` or `sql` are needed".to_owned());
    };
    let mut conversations: Vec<Conversation> = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let cell = |name: &str| at(name).and_then(|c| row.get(c)).map_or("", |c| c.trim());
        let many = |name: &str| {
            let parts = cell(name).split(SEPARATOR).map(str::trim).filter(|p| !p.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        let user = row.get(question).map_or("", |q| q.trim()).to_owned();
        let fault = |why: String| format!("row {}: {why}", i + 1);
        let (predicate, text) = gold(cell("segment"), cell("sql"), catalog).map_err(fault)?;
        let expect = match cell("expect") {
            "" => file::Expect::Answer,
            word => serde_json::from_value(word.into()).map_err(|_| fault(format!("`{word}` is no way to end")))?,
        };
        let turn =
            GoldTurn { user, segment: predicate, text, breakdown: many("breakdown"), expect, ..GoldTurn::default() };
        let id = Some(cell("id")).filter(|id| !id.is_empty());
        match (conversations.last_mut(), id) {
            (Some(last), Some(id)) if last.id == id => last.turns.push(turn),
            (_, id) => conversations.push(Conversation {
                id: id.map_or_else(|| format!("row-{}", i + 1), str::to_owned),
                lang: Some(cell("lang")).filter(|l| !l.is_empty()).map_or_else(|| lang(&turn.user), str::to_owned),
                tags: many("tags"),
                turns: vec![turn],
            }),
        }
    }
    Ok(conversations)
}

fn lang(text: &str) -> String {
    language(text, Locale::Ko).code().to_owned()
}

/// The predicate of a right segment, and its text form where it is given so.
fn gold(segment: &str, statement: &str, catalog: &Catalog) -> Result<(String, Option<String>), String> {
    if !segment.is_empty() {
        return Ok((predicate(segment, catalog)?, Some(segment.to_owned())));
    }
    if statement.is_empty() {
        return Err("neither a segment nor SQL".to_owned());
    }
    let (entity, key) = (&catalog.entity().name, catalog.key());
    let is_query = statement.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("select"));
    let whole = statement.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    Ok((if is_query { format!("{entity}.{key} IN ({whole})") } else { whole.to_owned() }, None))
}

/// A segment's text as a predicate on the entity, in SQL.
fn predicate(segment: &str, catalog: &Catalog) -> Result<String, String> {
    let expr = text::parse(segment, catalog).map_err(|e| e.message(Locale::En))?;
    members(&expr, catalog)
}

/// The members of a segment as a predicate on the entity, in SQL.
pub(super) fn members(expr: &Expr, catalog: &Catalog) -> Result<String, String> {
    check::check(expr, catalog)
        .map_err(|errors| errors.iter().map(|e| e.message(Locale::En)).collect::<Vec<_>>().join("; "))?;
    if *expr == Expr::All {
        return Ok("true".to_owned());
    }
    let keys = sql::keys(expr, &[], None, catalog).map_err(|e| e.message(Locale::En))?;
    let (entity, key) = (&catalog.entity().name, catalog.key());
    Ok(format!("{entity}.{key} IN (SELECT gold_members.{key} FROM ({}) gold_members)", keys.text()))
}

/// The conversation that a reviewer approved.
fn approved(row: &FeedbackRow, catalog: &Catalog) -> Result<Conversation, String> {
    let json = row.approved_json.as_deref().ok_or("nothing was approved")?;
    let mut conversation: Conversation = serde_json::from_str(json).map_err(|e| e.to_string())?;
    for turn in &mut conversation.turns {
        let said = turn.text.clone().unwrap_or_else(|| turn.segment.clone());
        turn.segment = predicate(&said, catalog)?;
        turn.text = Some(said);
    }
    Ok(conversation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        crate::catalog::builtin().unwrap()
    }

    #[test]
    fn a_csv_file_is_conversations() {
        let csv = "id,question,segment,sql,lang,tags,breakdown\n\
                   a,30대 여성,age >= 30 AND gender = 'F',,,age;gender,\n\
                   a,지역별로,age >= 30 AND gender = 'F',,,,home_sido\n\
                   ,how many women,,gender = 'F',en,,\n\
                   ,everyone,,SELECT customer_id FROM customers;,,,\n";
        let found = of_csv(csv.as_bytes(), &catalog()).unwrap();
        let ids: Vec<_> = found.iter().map(|c| (c.id.as_str(), c.lang.as_str(), c.turns.len())).collect();
        assert_eq!(ids, [("a", "ko", 2), ("row-3", "en", 1), ("row-4", "en", 1)]);
        assert_eq!(found[0].tags, ["age", "gender"]);
        assert_eq!(found[0].turns[1].breakdown, ["home_sido"]);
        assert!(
            found[0].turns[0].segment.starts_with("customers.customer_id IN (SELECT"),
            "{}",
            found[0].turns[0].segment
        );
        assert_eq!(found[0].turns[0].text.as_deref(), Some("age >= 30 AND gender = 'F'"));
        assert_eq!(found[1].turns[0].segment, "gender = 'F'");
        assert_eq!(found[2].turns[0].segment, "customers.customer_id IN (SELECT customer_id FROM customers)");
    }

    #[test]
    fn what_is_wrong_with_a_csv_file_is_said_with_its_row() {
        let catalog = catalog();
        assert!(of_csv(b"question\nx\n", &catalog).unwrap_err().contains("`sql`"));
        assert!(of_csv(b"question,segment\nx,no_such = 1\n", &catalog).unwrap_err().starts_with("row 1: "));
        assert!(of_csv(b"question,sql\nx,true\ny,\n", &catalog).unwrap_err().starts_with("row 2: "));
        let ending = of_csv(b"question,sql,expect\nx,true,perhaps\n", &catalog).unwrap_err();
        assert!(ending.contains("perhaps"), "{ending}");
    }

    fn set(n: usize) -> GoldenSet {
        let one = |i: usize| Conversation {
            id: format!("c{i}"),
            lang: if i.is_multiple_of(4) { "en" } else { "ko" }.into(),
            tags: vec![if i.is_multiple_of(2) { "x" } else { "y" }.into()],
            turns: Vec::new(),
        };
        GoldenSet::of("s", (0..n).map(one).collect())
    }

    #[test]
    fn a_sample_is_of_whole_conversations_in_the_proportions_of_the_set() {
        let sample = set(40).sample(12, 1);
        assert_eq!(sample.conversations.len(), 12);
        assert_eq!(sample.conversations.iter().filter(|c| c.lang == "en").count(), 3);
        assert_eq!(sample.conversations.iter().filter(|c| c.tags[0] == "y").count(), 6);
        assert_eq!(sample, set(40).sample(12, 1));
        assert_ne!(sample, set(40).sample(12, 2));
        assert_eq!(set(5).sample(9, 1), set(5));
        assert_eq!(set(7).sample(3, 1).conversations.len(), 3);
        assert_ne!(set(5).hash(), set(6).hash());
    }

    #[test]
    fn equal_ids_are_told_apart() {
        let twice = set(1).conversations.into_iter().chain(set(1).conversations).collect();
        let ids: Vec<_> = GoldenSet::of("s", twice).conversations.into_iter().map(|c| c.id).collect();
        assert_eq!(ids, ["c0", "c0~2"]);
    }

    #[test]
    fn approved_feedback_is_a_conversation_file() {
        let json = r#"{"id":"f-1","lang":"ko","tags":["feedback"],"turns":[{"user":"여자","segment":"gender = 'F'"}]}"#;
        let good = FeedbackRow { id: "1".into(), approved_json: Some(json.into()), ..FeedbackRow::default() };
        let stale = json.replace("gender", "no_such");
        let bad = FeedbackRow { id: "2".into(), approved_json: Some(stale), ..FeedbackRow::default() };
        let (set, faults) = GoldenSet::of_feedback(&[good, bad], &catalog());
        assert_eq!((set.name.as_str(), set.conversations.len()), (FEEDBACK, 1));
        assert!(faults.len() == 1 && faults[0].starts_with("2: "), "{faults:?}");
        let again = file::parse(&set.to_yaml().unwrap()).unwrap();
        assert_eq!(again, set.conversations);
    }
}
