// Words of the screen `exports`.

export const ko = {
  title: "내보내기",
};

export const en = {
  title: "Exports",
};
