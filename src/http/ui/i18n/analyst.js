// Words of the screen `analyst`.

export const ko = {
  title: "SQL",
};

export const en = {
  title: "SQL",
};
