/** The mark: a speech bubble with a line drawn through what is said. */
export const Brand = () => (
  <svg class="brand" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="6" class="brand-ground" />
    <path d="M8 8h16v11H15l-5 5v-5H8z" class="brand-bubble" />
    <path d="M12 13.5h8" class="brand-bubble" />
  </svg>
);
