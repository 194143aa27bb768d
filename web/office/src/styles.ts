/** Mantine's CSS by component: only what the page draws. Order matters: variables, then components, then ours. */
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/global.css";
import "../../kit/base.css";
