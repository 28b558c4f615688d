// Words of the column `filters`.

export const ko = {
  title: "필터",
};

export const en = {
  title: "Filters",
};
