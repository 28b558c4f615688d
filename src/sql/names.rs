//! Names of tables and columns, quoted where they must be.

use sqlparser::ast::Ident;

/// Words that are quoted when they name a table or a column, because some dialect reserves them.
const RESERVED: &str = "\
    all analyse analyze and anti any array as asc asof at between both by case cast check cluster collate column \
    connect constraint create cross cube current default define desc describe distinct distribute drop else end enum \
    escape except exclude exists explain extract false fetch following for foreign format from full global grant \
    group grouping groups hash having if ignore ilike in inner insert intersect interval into is join lateral left \
    like limit lookup merge minus natural new no not null nulls of offset on open or order outer output over \
    partition pivot preceding prewhere primary proto qualify range recursive references regexp respect returning \
    right rlike rollup row rows sample select semi session set settings similar some sort start struct system table \
    tablesample then to top treat trigger trim true unbounded union unique unnest unpivot update user using values \
    view when where window with within";

/// A name, quoted where it must be.
pub(super) fn ident(name: &str) -> Ident {
    if is_plain(name) {
        Ident::new(name)
    } else {
        // sqlparser prints what stands between the quotes as it is, once every quote is doubled.
        Ident::with_quote('"', name.replace('"', "\"\""))
    }
}

/// Whether a name can stand without quotes in every dialect.
fn is_plain(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !RESERVED.split(' ').any(|word| word == name)
}
