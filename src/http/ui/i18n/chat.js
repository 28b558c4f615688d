// Words of the chat.

export const ko = {
  title: "대화로 고객 찾기",
  columns: "보이는 부분",
  filters: "필터",
  talk: "대화",
  segment: "찾은 고객",
  segment_later: "찾은 고객이 여기에 나옵니다.",
  ask: "찾을 고객을 말해 보세요",
  send: "보내기",
};

export const en = {
  title: "Find customers by talking",
  columns: "What is seen",
  filters: "Filters",
  talk: "Chat",
  segment: "Segment",
  segment_later: "What was found is shown here.",
  ask: "Say whom you are looking for",
  send: "Send",
};
