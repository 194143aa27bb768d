/** Self-hosted Noto, cut into ranges by @fontsource: a page loads only the ranges it shows. */
import "@fontsource-variable/noto-sans/wght.css";
import "@fontsource-variable/noto-sans-armenian/wght.css";
import "@fontsource-variable/noto-sans-georgian/wght.css";
