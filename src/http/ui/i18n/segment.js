// Words of the column `segment`.

export const ko = {
  title: "찾은 고객",
};

export const en = {
  title: "The segment",
};
