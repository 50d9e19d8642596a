/** Lower-case identifier used in topics, tags and URLs: one topic level, 1–32 characters. */
export const ID = /^[a-z0-9][a-z0-9_-]{0,31}$/;
