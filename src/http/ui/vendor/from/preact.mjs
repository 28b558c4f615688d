// The parts that the page is drawn with. `html` is htm bound to preact: templates are read as they are, without a compile step.
import { h } from "preact";
import htm from "htm";

export { h, render, Fragment, createContext, createRef, toChildArray, cloneElement } from "preact";
export {
  useCallback, useContext, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useReducer, useRef, useState,
} from "preact/hooks";
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from "@preact/signals";
export const html = htm.bind(h);
